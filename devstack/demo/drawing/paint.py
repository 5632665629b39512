"""Colour, gradients, soft shapes and lettering: the brushes that every drawing shares."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont

from devstack.demo.drawing.geometry import Path, Point, extent, lerp

Colour = tuple[int, int, int]
Size = tuple[int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
INK: Colour = (20, 22, 26)
CHROME: Colour = (214, 219, 225)
RED: Colour = (190, 24, 30)


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
    width, height = size
    column = Image.new("RGB", (1, height), stops[-1][1])
    column.paste(stops[0][1], (0, 0, 1, max(0, min(round(stops[0][0]), height))))
    for (y0, first), (y1, second) in pairwise(stops):
        top, bottom = max(round(y0), 0), min(round(y1), height)
        if bottom > top:
            ends = Image.new("RGB", (1, 2), first)
            ends.putpixel((0, 1), second)
            part = (0.0, 0.5 + (top - y0) / (y1 - y0), 1.0, 0.5 + (bottom - y0) / (y1 - y0))
            ramp = ends.resize((1, bottom - top), Image.Resampling.BILINEAR, box=part)
            column.paste(ramp, (0, top))
    return column.resize((width, height), Image.Resampling.NEAREST)


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


def cast_shadow(
    picture: Image.Image,
    shapes: Sequence[tuple[Path, int]],
    radius: float,
    ink: Colour = (9, 10, 13),
) -> None:
    """Darken a picture under some polygons, each with its strength (0 to 255), softly."""
    margin = round(radius * 2.5)
    left, top, right, bottom = extent(point for shape, _ in shapes for point in shape)
    left, top = left - margin, top - margin
    size = (right + margin - left, bottom + margin - top)

    def fill(draw: ImageDraw.ImageDraw) -> None:
        for shape, strength in shapes:
            draw.polygon([(x - left, y - top) for x, y in shape], fill=strength)

    stencil = soft_mask(size, radius, fill)
    fill_colour = ink if picture.mode == "RGB" else (*ink, 255)
    picture.paste(fill_colour, (left, top, left + size[0], top + size[1]), stencil)


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
