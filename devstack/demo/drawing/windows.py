"""The side windows: tinted glass with the cabin behind it and the sky in it."""

from PIL import Image, ImageDraw

from devstack.demo.drawing.body import Body
from devstack.demo.drawing.geometry import Frame, extent, rounded
from devstack.demo.drawing.paint import (
    CHROME,
    INK,
    WHITE,
    line,
    mask,
    vertical_gradient,
)

_DARK = (20, 23, 27)


def draw_windows(art: Image.Image, body: Body, frame: Frame) -> None:
    """Draw a body's side windows and their frames into a picture of its side."""
    draw = ImageDraw.Draw(art)
    rim = CHROME if body.chrome else INK
    panes = [frame.path(rounded(window, 0.55)) for window in body.windows]
    for pane in panes:
        line(draw, [*pane, pane[0]], rim, 0.42 * frame.scale)
    left, top, right, bottom = extent(point for pane in panes for point in pane)
    glass = _glass(body, frame.moved((-left, -top)), (right - left, bottom - top))

    def cut(draw: ImageDraw.ImageDraw) -> None:
        for pane in panes:
            draw.polygon([(x - left, y - top) for x, y in pane], fill=255)

    art.paste(glass, (left, top), mask(glass.size, cut))


def _glass(body: Body, frame: Frame, size: tuple[int, int]) -> Image.Image:
    belt = frame.point(0, body.belt)[1]
    tint = [
        (frame.point(0, body.height)[1], (104, 122, 138)),
        (belt - 1.6 * frame.scale, (46, 56, 66)),
        (belt, (22, 26, 32)),
    ]
    glass = vertical_gradient(size, tint)
    _cabin(ImageDraw.Draw(glass), body, frame)
    glass.paste(WHITE, mask=mask(size, lambda draw: _reflections(draw, body, frame)))
    return glass


def _cabin(draw: ImageDraw.ImageDraw, body: Body, frame: Frame) -> None:
    """Seats and a steering wheel."""
    low, high = body.belt - 1, body.belt + min(3.1, body.height - body.belt - 0.9)
    start = min(x for x, _ in body.windows[0]) + 5.0
    for row in range(min(len(body.windows), 2)):
        x = start + row * 7.4
        seat = [(x, low), (x + 0.7, high), (x + 2.3, high), (x + 2.6, low)]
        draw.polygon(frame.path(rounded(seat, 0.7)), fill=_DARK)
    rim = frame.bounds(start - 2.4, body.belt - 0.5, start - 1.5, body.belt + 1.7)
    draw.ellipse(rim, outline=_DARK, width=max(1, round(0.25 * frame.scale)))


def _reflections(draw: ImageDraw.ImageDraw, body: Body, frame: Frame) -> None:
    """Slanted streaks of sky, as a faint stencil."""
    start, end = body.windows[0][0][0], body.windows[-1][-1][0]
    lean = (body.height - body.belt) * 0.7
    for share, width in ((0.24, 2.2), (0.36, 0.7), (0.72, 1.8)):
        x = start + (end - start) * share
        foot = [(x, body.belt), (x + width, body.belt)]
        head = [(x + width + lean, body.height), (x + lean, body.height)]
        draw.polygon(frame.path([*foot, *head]), fill=46)
