"""Colour, gradients, soft shapes and lettering: the brushes that every drawing shares."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont

from devstack.demo.drawing.geometry import Point, lerp

Colour = tuple[int, int, int]
Size = tuple[int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
INK: Colour = (20, 22, 26)


def colour(name: str) -> Colour:
    """The colour that `#rrggbb` stands for."""
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """The colour `t` of the way from `a` to `b`."""
    return (
        round(lerp(a[0], b[0], t)),
        round(lerp(a[1], b[1], t)),
        round(lerp(a[2], b[2], t)),
    )


def lit(base: Colour, light: float) -> Colour:
    """`base` under `light`: 1 leaves it, less darkens it, more goes towards white."""
    return mix(BLACK, base, max(light, 0.0)) if light <= 1 else mix(base, WHITE, min(light - 1, 1))


def brightness(base: Colour) -> float:
    """How light a colour looks, 0 to 1."""
    return (0.299 * base[0] + 0.587 * base[1] + 0.114 * base[2]) / 255


def vertical_gradient(size: Size, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """An RGB picture whose colour runs down through `stops`: (height in pixels, colour)."""
    column = Image.new("RGB", (1, size[1]))
    column.putdata([_at(stops, y) for y in range(size[1])])
    return column.resize(size, Image.Resampling.NEAREST)


def _at(stops: Sequence[tuple[float, Colour]], y: float) -> Colour:
    for (y0, first), (y1, second) in zip(stops, stops[1:], strict=False):
        if y <= y1:
            return mix(first, second, max(y - y0, 0) / (y1 - y0)) if y1 > y0 else second
    return stops[-1][1]


def grey(level: float) -> Colour:
    """A grey, 0 black to 1 white."""
    value = round(255 * level)
    return value, value, value


def mask(size: Size, draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    """A stencil: what `draw` paints with 255 lets paint through."""
    stencil = Image.new("L", size)
    draw(ImageDraw.Draw(stencil))
    return stencil


def soft_mask(
    size: Size, radius: float, draw: Callable[[ImageDraw.ImageDraw], None]
) -> Image.Image:
    """A stencil with edges blurred over `radius` pixels; blurred small, where it costs little."""
    shrink = max(1, min(8, int(radius / 2)))
    stencil = mask(size, draw).reduce(shrink)
    return stencil.filter(ImageFilter.GaussianBlur(radius / shrink)).resize(
        size, Image.Resampling.BILINEAR
    )


def line(
    draw: ImageDraw.ImageDraw, path: Sequence[Point], fill: int | tuple[int, ...], width: float
) -> None:
    """A stroke with round joints and ends, at least one pixel wide."""
    draw.line(list(path), fill=fill, width=max(1, round(width)), joint="curve")
    if width > 3:
        for x, y in (path[0], path[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=fill)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("the demo pictures need a Pillow built with FreeType, as its wheels are")
    return font


def text(
    draw: ImageDraw.ImageDraw,
    place: Point,
    words: str,
    *,
    height: float,
    fill: int | tuple[int, ...],
    width: float | None = None,
    bold: float = 0.0,
    anchor: str = "mm",
) -> None:
    """Lettering `height` pixels tall, made smaller until it fits into `width` pixels.

    `bold` thickens the strokes, as a share of the height; `anchor` is one of Pillow's.
    """
    size = max(8, round(height))
    if width is not None:
        wanted = draw.textlength(words, font=_font(size)) + 2 * bold * size
        size = max(8, min(size, int(size * width / wanted)))
    draw.text(
        place,
        words,
        font=_font(size),
        fill=fill,
        anchor=anchor,
        stroke_width=round(bold * size),
        stroke_fill=fill,
    )
