"""Wheels: tyre, rim and brake, seen face on."""

import math

from PIL import Image, ImageDraw

from devstack.demo.drawing.geometry import Path, Point
from devstack.demo.drawing.look import Look, Rims
from devstack.demo.drawing.paint import INK, Colour, colour, lit, mix

RIM = 0.71
"""The rim's edge as a share of the wheel's radius; spokes are drawn in the same measure."""

Spoke = list[Point]

_SPOKES: dict[Rims, tuple[int, tuple[Spoke, ...]]] = {
    "five": (5, ([(-0.07, 0.08), (-0.13, 0.66), (0.13, 0.66), (0.07, 0.08)],)),
    "six": (6, ([(-0.085, 0.08), (-0.075, 0.66), (0.075, 0.66), (0.085, 0.08)],)),
    "mesh": (
        9,
        (
            [(-0.03, 0.05), (-0.03, 0.4), (-0.17, 0.66), (-0.11, 0.66), (0.0, 0.45)],
            [(0.03, 0.05), (0.03, 0.4), (0.17, 0.66), (0.11, 0.66), (0.0, 0.45)],
        ),
    ),
    "multi": (12, ([(-0.035, 0.08), (-0.03, 0.66), (0.03, 0.66), (0.035, 0.08)],)),
    "split": (
        5,
        (
            [(-0.09, 0.06), (-0.16, 0.66), (-0.09, 0.66), (-0.02, 0.1)],
            [(0.09, 0.06), (0.16, 0.66), (0.09, 0.66), (0.02, 0.1)],
        ),
    ),
    "petal": (
        5,
        (
            [
                (-0.06, 0.06),
                (-0.1, 0.25),
                (-0.19, 0.5),
                (-0.17, 0.63),
                (0.0, 0.68),
                (0.17, 0.63),
                (0.19, 0.5),
                (0.1, 0.25),
                (0.06, 0.06),
            ],
        ),
    ),
}


def wheel(look: Look, radius: int) -> Image.Image:
    """The wheel of a look, as a square RGBA picture of twice `radius` pixels."""
    art = Image.new("RGBA", (2 * radius, 2 * radius))
    draw = ImageDraw.Draw(art)
    metal = colour(look.rim_paint)
    _tyre(draw, radius)
    if look.rims in ("steel", "dish"):
        _pressed_rim(draw, radius, metal, holes=look.rims == "steel")
    else:
        _brake(draw, radius, colour(look.accent))
        _spokes(draw, radius, metal, look.rims)
    _ring(draw, radius, RIM, lit(metal, 0.55), 0.075)
    _ring(draw, radius, RIM - 0.012, lit(metal, 1.25), 0.04)
    _hub(draw, radius, metal)
    return art


def _ring(draw: ImageDraw.ImageDraw, radius: int, at: float, fill: Colour, width: float) -> None:
    edge = radius * at
    draw.ellipse(
        (radius - edge, radius - edge, radius + edge, radius + edge),
        outline=fill,
        width=max(1, round(radius * width)),
    )


def _disc(draw: ImageDraw.ImageDraw, radius: int, at: float, fill: Colour) -> None:
    edge = radius * at
    draw.ellipse((radius - edge, radius - edge, radius + edge, radius + edge), fill=fill)


def _tyre(draw: ImageDraw.ImageDraw, radius: int) -> None:
    for at, level in ((1.0, 20), (0.965, 44), (0.94, 36), (0.88, 30), (0.82, 40), (0.76, 24)):
        _disc(draw, radius, at, (level, level, level + 3))
    _disc(draw, radius, RIM, INK)


def _brake(draw: ImageDraw.ImageDraw, radius: int, caliper: Colour) -> None:
    _disc(draw, radius, 0.55, (108, 110, 116))
    _disc(draw, radius, 0.5, (138, 140, 146))
    _disc(draw, radius, 0.24, (70, 72, 78))
    edge = radius * 0.57
    bounds = (radius - edge, radius - edge, radius + edge, radius + edge)
    draw.arc(bounds, 155, 215, fill=caliper, width=round(radius * 0.15))


def _spokes(draw: ImageDraw.ImageDraw, radius: int, metal: Colour, rims: Rims) -> None:
    count, shapes = _SPOKES[rims]
    for index in range(count):
        turn = 2 * math.pi * index / count
        glint = 0.86 + 0.3 * math.cos(turn - 0.7)
        for shape in shapes:
            draw.polygon(_turned(shape, turn, radius, 1.1), fill=lit(metal, 0.4))
            draw.polygon(_turned(shape, turn, radius, 1.0), fill=lit(metal, glint))


def _turned(shape: Path, turn: float, radius: int, swell: float) -> list[Point]:
    cos, sin = math.cos(turn), math.sin(turn)
    return [
        (
            radius + radius * (x * swell * cos - y * sin),
            radius - radius * (x * swell * sin + y * cos),
        )
        for x, y in shape
    ]


def _pressed_rim(draw: ImageDraw.ImageDraw, radius: int, metal: Colour, *, holes: bool) -> None:
    for at, light in ((0.68, 0.8), (0.6, 0.95), (0.5, 1.05), (0.42, 0.9)):
        _disc(draw, radius, at, lit(metal, light))
    if not holes:
        return
    for index in range(10):
        turn = 2 * math.pi * index / 10
        x, y = radius + 0.53 * radius * math.sin(turn), radius - 0.53 * radius * math.cos(turn)
        size = radius * 0.075
        draw.ellipse((x - size, y - size, x + size, y + size), fill=lit(metal, 0.25))


def _hub(draw: ImageDraw.ImageDraw, radius: int, metal: Colour) -> None:
    _disc(draw, radius, 0.17, lit(metal, 0.45))
    _disc(draw, radius, 0.145, lit(metal, 0.95))
    for index in range(5):
        turn = 2 * math.pi * (index + 0.5) / 5
        x, y = radius + 0.1 * radius * math.sin(turn), radius - 0.1 * radius * math.cos(turn)
        size = radius * 0.022
        draw.ellipse((x - size, y - size, x + size, y + size), fill=lit(metal, 0.3))
    _disc(draw, radius, 0.06, mix(metal, INK, 0.6))
