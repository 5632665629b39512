"""What a model is sold in: a blister card to hang on a peg, or a box with a window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from devstack.demo.drawing.camera import Camera, Point3, hull
from devstack.demo.drawing.geometry import Path, Point, arc, box, rounded
from devstack.demo.drawing.look import Look
from devstack.demo.drawing.paint import (
    INK,
    WHITE,
    Colour,
    Size,
    brightness,
    cast_shadow,
    colour,
    line,
    lit,
    mask,
    mix,
    text,
    vertical_gradient,
)
from devstack.demo.drawing.scenes import FINE, Label, stand, studio, view_camera
from devstack.demo.drawing.solid import lay_flat

_PALETTES = (
    ("#7a1f3d", "#efc9a4"),
    ("#b3202c", "#f7c331"),
    ("#20242c", "#d7263d"),
    ("#0f6b5c", "#f2d16b"),
    ("#3b2a6b", "#4fc3d9"),
    ("#e0782c", "#1d2b4f"),
    ("#274060", "#e9e4d8"),
    ("#12488f", "#f58220"),
    ("#176c9e", "#ffd34d"),
    ("#1787a8", "#ff7a45"),
)


@dataclass(frozen=True)
class _Palette:
    base: Colour
    flash: Colour

    @classmethod
    def of(cls, maker: str) -> "_Palette":
        """Every maker keeps its own colours on all its packaging."""
        base, flash = _PALETTES[sum(map(ord, maker)) % len(_PALETTES)]
        return cls(colour(base), colour(flash))


def card_scene(look: Look, label: Label, size: Size) -> Image.Image:
    """The model in its blister on a printed card."""
    scene = studio(size, look, 0.9)
    high = round(size[1] * 0.92)
    wide = round(high * 0.74)
    card = _card(look, label, (wide * FINE, high * FINE)).reduce(FINE)
    left, top = (size[0] - wide) // 2, (size[1] - high) // 2
    shade = box(left + 4, top + 10, left + wide + 10, top + high + 14)
    cast_shadow(scene, [(shade, 130)], 16)
    scene.paste(card, (left, top), card)
    return scene


def _card(look: Look, label: Label, size: Size) -> Image.Image:
    width, height = size
    palette = _Palette.of(label.maker)
    card = _rays(size, palette, (width * 0.5, height * 0.66))
    draw = ImageDraw.Draw(card)
    _header(draw, label, palette, (0, height * 0.105, width, height * 0.25))
    text(
        draw,
        (width / 2, height * 0.315),
        label.model,
        height=height * 0.042,
        width=width * 0.86,
        fill=WHITE,
        bold=0.03,
    )
    text(
        draw,
        (width / 2, height * 0.365),
        label.series,
        height=height * 0.028,
        width=width * 0.7,
        fill=mix(palette.flash, WHITE, 0.45),
    )
    _blister(card, look, label, (width * 0.05, height * 0.42, width * 0.95, height * 0.85))
    _badge(draw, label.scale, (width * 0.88, height * 0.93), height * 0.045, palette)
    text(
        draw,
        (width * 0.07, height * 0.93),
        "DIE-CAST METAL  ·  AGES 14+",
        height=height * 0.02,
        fill=WHITE,
        anchor="lm",
    )
    card.putalpha(mask(size, lambda stencil: _cut_card(stencil, size)))
    return card


def _cut_card(draw: ImageDraw.ImageDraw, size: Size) -> None:
    """The card's outline, with the slot it hangs by."""
    width, height = size
    draw.rounded_rectangle((0, 0, width - 1, height - 1), height * 0.03, fill=255)
    middle, y, unit = width / 2, height * 0.05, height * 0.012
    draw.rounded_rectangle((middle - unit * 7, y - unit, middle + unit * 7, y + unit), unit, fill=0)
    draw.ellipse((middle - unit * 2, y - unit * 2, middle + unit * 2, y + unit * 2), fill=0)


def _rays(size: Size, palette: _Palette, centre: Point) -> Image.Image:
    """The printed ground: rays that spread from behind the car."""
    width, height = size
    ground = vertical_gradient(
        size,
        [(0, lit(palette.base, 0.72)), (centre[1], palette.base), (height, lit(palette.base, 0.6))],
    )
    draw = ImageDraw.Draw(ground)
    reach = width + height
    ray = lit(palette.base, 1.16)
    for start in range(0, 360, 24):
        edge = arc(centre, reach, start, start + 9, 2)
        draw.polygon([centre, *edge], fill=ray)
    return ground


def _header(
    draw: ImageDraw.ImageDraw, label: Label, palette: _Palette, bounds: Sequence[float]
) -> None:
    """The maker's name on a slanted flash."""
    left, top, right, bottom = bounds
    tall, lean = bottom - top, (bottom - top) * 0.24
    flash = [(left, top + lean), (right, top), (right, bottom - lean), (left, bottom)]
    under = [(x, y + tall * 0.1) for x, y in flash]
    draw.polygon(under, fill=lit(palette.base, 0.42))
    draw.polygon(flash, fill=palette.flash)
    middle = ((left + right) / 2, (top + bottom) / 2)
    room = (right - left) * 0.84
    for shift, ink in ((tall * 0.035, lit(palette.base, 0.4)), (0.0, WHITE)):
        text(
            draw,
            (middle[0] + shift, middle[1] + shift),
            label.maker.upper(),
            height=tall * 0.62,
            width=room,
            fill=ink,
            bold=0.05,
        )


def _badge(
    draw: ImageDraw.ImageDraw, words: str, place: Point, radius: float, palette: _Palette
) -> None:
    x, y = place
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=WHITE)
    inner = radius * 0.88
    draw.ellipse((x - inner, y - inner, x + inner, y + inner), fill=palette.flash)
    text(draw, place, words, height=radius * 0.72, width=radius * 1.5, fill=INK, bold=0.04)


def _blister(card: Image.Image, look: Look, label: Label, bounds: Sequence[float]) -> None:
    """The car under its clear bubble."""
    left, top, right, bottom = (round(value) for value in bounds)
    size = (right - left, bottom - top)
    bubble = rounded(box(left, top, right, bottom), size[1] * 0.16)
    frost = mask(card.size, lambda draw: draw.polygon(bubble, fill=46))
    card.paste(WHITE, mask=frost)
    _stand(card, look, (left, top, right, bottom))
    draw = ImageDraw.Draw(card)
    unit = size[1] / 100
    line(draw, [*bubble, bubble[0]], mix(_plastic(label), WHITE, 0.62), unit * 1.1)
    inner = rounded(
        box(left + unit * 3, top + unit * 3, right - unit * 3, bottom - unit * 3), size[1] * 0.13
    )
    _glints(card, inner, (left, top, right, bottom))
    line(draw, [*inner, inner[0]], mix(_plastic(label), WHITE, 0.4), unit * 0.5)


def _plastic(label: Label) -> Colour:
    """The shade that clear plastic takes on a maker's card."""
    return lit(_Palette.of(label.maker).base, 0.9)


def _stand(picture: Image.Image, look: Look, bounds: tuple[int, int, int, int]) -> None:
    """The car, seen from its front corner, on the floor of a box or a bubble."""
    left, top, right, bottom = bounds
    width, height = right - left, bottom - top
    camera = view_camera(look, (round(width * 1.3), round(height * 1.3)), yaw=30, pitch=10)
    stand(picture, look, replace(camera, centre=(left + width / 2, top + height * 0.54)))


def _glints(picture: Image.Image, pane: Path, bounds: tuple[int, int, int, int]) -> None:
    """Light on clear plastic: slanted bands inside a pane."""
    left, top, right, bottom = bounds
    width, tall = right - left, bottom - top
    cut = Image.new("L", picture.size)
    draw = ImageDraw.Draw(cut)
    for share, breadth, strength in ((0.1, 0.1, 34), (0.225, 0.03, 26), (0.74, 0.14, 22)):
        x = left + width * share
        lean = tall * 0.34
        band = [
            (x, bottom),
            (x + width * breadth, bottom),
            (x + width * breadth + lean, top),
            (x + lean, top),
        ]
        draw.polygon(band, fill=strength)
    inside = mask(picture.size, lambda stencil: stencil.polygon(list(pane), fill=255))
    picture.paste(WHITE, mask=Image.composite(cut, Image.new("L", picture.size), inside))


_BOX = (20.0, 10.4, 8.4)
"""A window box's width, height and depth."""


def box_scene(look: Look, label: Label, size: Size) -> Image.Image:
    """The model in a box with a window, seen from a corner."""
    wide, high, deep = _BOX
    unit = size[0] * 0.7 / (wide * 0.93 + deep * 0.42)
    camera = Camera(
        25,
        15,
        68,
        (wide / 2, high / 2, 0.0),
        unit * FINE,
        (size[0] * FINE * 0.5, size[1] * FINE * 0.51),
    )
    palette = _Palette.of(label.maker)
    scene = studio(size, look, 0.56)
    foot: list[Point3] = [
        (x, 0.0, z) for x in (-0.6, wide + 0.6) for z in (-deep / 2, deep / 2 + 1)
    ]
    outline = [(x / FINE, y / FINE) for x, y in hull(camera.path(foot))]
    cast_shadow(scene, [(outline, 190)], 20)
    art = Image.new("RGBA", (size[0] * FINE, size[1] * FINE))
    half = deep / 2
    faces: list[tuple[Image.Image, list[Point3]]] = [
        (
            _lid(label, palette),
            [(0, high, -half), (wide, high, -half), (wide, high, half), (0, high, half)],
        ),
        (
            _end_face(label, palette),
            [(0, high, -half), (0, high, half), (0, 0, half), (0, 0, -half)],
        ),
        (
            _window(look, label, palette),
            [(0, high, half), (wide, high, half), (wide, 0, half), (0, 0, half)],
        ),
    ]
    for picture, corners in faces:
        lay_flat(art, picture.convert("RGBA"), camera.path(corners))
    smooth = art.reduce(FINE)
    scene.paste(smooth, mask=smooth)
    return scene


_FACE = 76
"""Pixels to a unit of a box's printed faces."""


def _lid(label: Label, palette: _Palette) -> Image.Image:
    size = (round(_BOX[0] * _FACE), round(_BOX[2] * _FACE))
    lid = vertical_gradient(size, [(0, lit(palette.base, 1.1)), (size[1], lit(palette.base, 1.28))])
    text(
        ImageDraw.Draw(lid),
        (size[0] / 2, size[1] / 2),
        label.maker.upper(),
        height=size[1] * 0.36,
        width=size[0] * 0.7,
        fill=mix(palette.base, WHITE, 0.75),
        bold=0.04,
    )
    return lid


def _end_face(label: Label, palette: _Palette) -> Image.Image:
    size = (round(_BOX[2] * _FACE), round(_BOX[1] * _FACE))
    face = vertical_gradient(
        size, [(0, lit(palette.base, 0.72)), (size[1], lit(palette.base, 0.52))]
    )
    draw = ImageDraw.Draw(face)
    draw.polygon(
        [
            (0, size[1] * 0.7),
            (size[0], size[1] * 0.52),
            (size[0], size[1] * 0.78),
            (0, size[1] * 0.96),
        ],
        fill=lit(palette.flash, 0.72),
    )
    middle = size[0] / 2
    text(
        draw,
        (middle, size[1] * 0.24),
        label.maker,
        height=size[1] * 0.14,
        width=size[0] * 0.82,
        fill=WHITE,
        bold=0.04,
    )
    text(
        draw,
        (middle, size[1] * 0.4),
        label.scale,
        height=size[1] * 0.12,
        fill=lit(palette.flash, 1.2),
    )
    return face


def _window(look: Look, label: Label, palette: _Palette) -> Image.Image:
    """The front: a print round a window with the car behind it."""
    width, height = round(_BOX[0] * _FACE), round(_BOX[1] * _FACE)
    front = vertical_gradient(
        (width, height), [(0, lit(palette.base, 1.06)), (height, lit(palette.base, 0.78))]
    )
    draw = ImageDraw.Draw(front)
    strip = rounded(box(width * 0.022, height * 0.83, width * 0.978, height * 0.975), height * 0.04)
    draw.polygon(strip, fill=palette.flash)
    left, top = round(width * 0.035), round(height * 0.055)
    right, bottom = width - left, round(height * 0.8)
    pane = rounded(box(left, top, right, bottom), height * 0.06)
    inside = vertical_gradient(
        (width, height),
        [
            (top, (58, 61, 68)),
            (bottom * 0.72, (104, 109, 118)),
            (bottom * 0.74, (150, 154, 160)),
            (bottom, (92, 95, 102)),
        ],
    )
    _stand(inside, look, (left, top, right, bottom))
    _glints(inside, pane, (left, top, right, bottom))
    front.paste(inside, mask=mask(front.size, lambda stencil: stencil.polygon(pane, fill=255)))
    line(draw, [*pane, pane[0]], lit(palette.base, 0.5), 5)
    ink = INK if brightness(palette.flash) > 0.5 else WHITE
    text(
        draw,
        (width * 0.045, height * 0.877),
        label.model,
        height=height * 0.075,
        width=width * 0.62,
        fill=ink,
        bold=0.03,
        anchor="lm",
    )
    text(
        draw,
        (width * 0.045, height * 0.942),
        label.series,
        height=height * 0.046,
        width=width * 0.6,
        fill=ink,
        anchor="lm",
    )
    text(
        draw,
        (width * 0.955, height * 0.903),
        label.maker.upper(),
        height=height * 0.09,
        width=width * 0.27,
        fill=ink,
        bold=0.05,
        anchor="rm",
    )
    return front
