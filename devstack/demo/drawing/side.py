"""A car seen exactly from its side: livery, light, glass, lamps, wheels."""

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from devstack.demo.drawing.geometry import (
    Frame,
    Path,
    Point,
    arc,
    box,
    height_at,
    rounded,
    softened,
    spline,
)
from devstack.demo.drawing.livery import flat_side
from devstack.demo.drawing.look import Look
from devstack.demo.drawing.paint import (
    CHROME,
    INK,
    RED,
    WHITE,
    Colour,
    Size,
    brightness,
    colour,
    grey,
    line,
    lit,
    mask,
    mix,
    soft_mask,
    vertical_gradient,
)
from devstack.demo.drawing.wheels import wheel
from devstack.demo.drawing.windows import draw_windows

AMBER: Colour = (240, 150, 40)


def side_view(look: Look, frame: Frame, size: Size, *, flank: bool = False) -> Image.Image:
    """The car on a transparent picture, nose to the left, where `frame` puts it.

    A `flank` is the same without what stands out from the side: it is wrapped on a solid car.
    """
    return _SideView(look, frame, size, flank).drawn()


@dataclass
class _SideView:
    look: Look
    frame: Frame
    size: Size
    flank: bool

    def __post_init__(self) -> None:
        self.body = self.look.body
        self.unit = self.frame.scale
        self.art = Image.new("RGBA", self.size)
        self.draw = ImageDraw.Draw(self.art)
        self.stencil = mask(self.size, self._cut_body)
        shade = 0.3 if brightness(colour(self.look.paint)) > 0.2 else 0.0
        self.seam = lit(colour(self.look.paint), shade)

    def drawn(self) -> Image.Image:
        self._underbody()
        self._wing()
        self._paintwork()
        draw_windows(self.art, self.body, self.frame)
        self._seams()
        self._lamps()
        self._trim()
        self._wheels()
        return self.art

    def _path(self, points: Path) -> list[Point]:
        return self.frame.path(points)

    def _stroke(self, points: Path, fill: Colour, width: float) -> None:
        line(self.draw, self._path(points), fill, width * self.unit)

    def _fill(self, points: Path, fill: Colour, radius: float = 0.0) -> None:
        self.draw.polygon(self._path(rounded(points, radius) if radius else points), fill=fill)

    def _arches(self) -> list[tuple[Point, float]]:
        body = self.body
        return [((x, body.wheel), body.wheel * 1.13) for x in body.axles]

    def _cut_body(self, draw: ImageDraw.ImageDraw) -> None:
        body = self.body
        floor = [(body.length - 1.6, body.sill), (1.6, body.sill)]
        draw.polygon(self._path([*body.outline, *floor]), fill=255)
        for (x, y), radius in self._arches():
            draw.ellipse(self.frame.bounds(x - radius, y - radius, x + radius, y + radius), fill=0)

    def _underbody(self) -> None:
        body = self.body
        low = body.sill * 0.72
        self._fill(box(body.axles[0], low, body.axles[1], body.sill + 1), (16, 16, 18), 0.3)
        for (x, y), radius in self._arches():
            low_edge = math.degrees(math.asin((body.sill - y) / (radius + 0.3)))
            housing = arc((x, y), radius + 0.3, low_edge, 180 - low_edge, 40)
            self._fill(housing, (13, 13, 15))

    def _wing(self) -> None:
        if self.flank or not self.body.wing:
            return
        end, deck = self.body.length, self.body.deck[-1][1]
        self._stroke([(end - 4.6, deck - 0.4), (end - 3.4, deck + 2.6)], (26, 27, 30), 0.55)
        self._fill(
            [
                (end - 6.2, deck + 3.4),
                (end - 5.8, deck + 2.0),
                (end + 0.2, deck + 2.0),
                (end + 0.6, deck + 3.9),
            ],
            (24, 25, 28),
            0.5,
        )
        self._stroke([(end - 5.6, deck + 3.1), (end, deck + 3.5)], (70, 73, 80), 0.16)

    def _paintwork(self) -> None:
        flat = flat_side(self.look, self.frame, self.size)
        painted = ImageChops.multiply(flat, self._shade())
        painted = ImageChops.screen(painted, self._gloss())
        self.art.paste(painted, mask=self.stencil)
        body = self.body
        if not self.flank:
            self._stroke(body.outline, self.seam, 0.13)
        self._stroke([(1.6, body.sill), (body.length - 1.6, body.sill)], (18, 18, 20), 0.5)

    def _shade(self) -> Image.Image:
        """Sky above the crease, road below it, as a multiplier."""
        body, frame = self.body, self.frame

        def at(y: float) -> float:
            return frame.ground - y * frame.scale

        sky = vertical_gradient(
            self.size,
            [
                (at(body.height), grey(1.0)),
                (at(body.belt), grey(0.98)),
                (at(body.belt * 0.7), grey(0.86)),
                (at(body.sill), grey(0.7)),
            ],
        )
        road = vertical_gradient(
            self.size,
            [
                (at(body.belt), grey(0.6)),
                (at(body.belt * 0.62), grey(0.74)),
                (at(body.belt * 0.36), grey(0.82)),
                (at(body.sill + 0.9), grey(0.6)),
                (at(body.sill), grey(0.4)),
            ],
        )
        crease = spline(body.crease)
        end = body.length + 2

        def below(draw: ImageDraw.ImageDraw) -> None:
            region = [(-2, crease[0][1]), *crease, (end, crease[-1][1]), (end, -2), (-2, -2)]
            draw.polygon(self._path(region), fill=255)

        return Image.composite(road, sky, soft_mask(self.size, 0.22 * self.unit, below))

    def _gloss(self) -> Image.Image:
        """Light caught by the crease, the shoulder and the roof's edge."""
        body = self.body
        crease = [(x, y + 0.28) for x, y in spline(body.crease)]
        edge = [(x, y - 0.42) for x, y in body.outline if y > body.belt * 0.6]
        low = [
            (body.axles[0] + body.wheel * 1.5, body.sill + 1.5),
            (body.axles[1] - body.wheel * 1.5, body.sill + 1.7),
        ]

        def glints(draw: ImageDraw.ImageDraw) -> None:
            line(draw, self._path(crease), 92, 0.34 * self.unit)
            line(draw, self._path(edge), 104, 0.5 * self.unit)
            line(draw, self._path(low), 40, 0.5 * self.unit)

        glow = soft_mask(self.size, 0.2 * self.unit, glints)
        return Image.merge("RGB", (glow, glow, glow))

    def _seams(self) -> None:
        body = self.body
        for door in body.doors:
            self._stroke(softened(door, 1.6), self.seam, 0.12)
        for x, y in body.handles:
            self._fill(box(x - 1.1, y - 0.22, x + 1.1, y + 0.22), self.seam, 0.2)
            self._stroke(
                [(x - 0.9, y + 0.1), (x + 0.8, y + 0.1)],
                CHROME if body.chrome else lit(colour(self.look.paint), 1.25),
                0.18,
            )
        for (x, y), radius in self._arches():
            lip = arc((x, y), radius, -8, 188, 40)
            wide = [point for point in lip if point[1] > body.sill]
            if body.cladding:
                self._stroke([(a, b + 0.25) for a, b in wide], (38, 39, 42), 0.95)
            self._stroke(wide, (24, 24, 27), 0.3)

    def _lamps(self) -> None:
        body = self.body
        if not (self.flank and body.front.round_lamps):
            self._lamp(body.head_lamp, (226, 234, 240))
        self._lamp(body.tail_lamp, RED)
        x = body.axles[0] + body.wheel * 1.42
        marker = height_at(spline(body.crease), x) - 1.1
        self._fill(box(x - 0.5, marker - 0.16, x + 0.5, marker + 0.16), AMBER, 0.12)

    def _lamp(self, shape: Path, glow: Colour) -> None:
        self._fill(shape, INK, 0.3)
        middle = (
            sum(x for x, _ in shape) / len(shape),
            sum(y for _, y in shape) / len(shape),
        )
        for shrink, light in ((0.86, 0.8), (0.6, 1.1), (0.3, 1.5)):
            inner = [
                (middle[0] + (x - middle[0]) * shrink, middle[1] + (y - middle[1]) * shrink)
                for x, y in shape
            ]
            self._fill(inner, lit(glow, light), 0.3 * shrink)

    def _trim(self) -> None:
        body = self.body
        if body.chrome:
            self._bumper(body.nose[0][0] - 0.7, body.axles[0] - body.wheel * 1.3)
            self._bumper(body.axles[1] + body.wheel * 1.35, body.length + 0.4)
        else:
            self._stroke(
                [(0.9, body.sill + 0.2), (body.axles[0] - body.wheel * 1.3, body.sill)],
                (28, 29, 32),
                0.5,
            )
        if body.mirror:
            x, y = body.mirror
            paint = colour(self.look.paint)
            self._fill(box(x - 0.2, y - 0.7, x + 1.9, y + 0.8), lit(paint, 0.35), 0.6)
            self._fill(box(x - 0.1, y - 0.4, x + 1.7, y + 0.75), lit(paint, 1.12), 0.55)
        if body.bed:
            start, end = body.bed
            rail = body.deck[-1][1]
            self._stroke([(start, rail + 0.05), (end, rail + 0.05)], (30, 31, 34), 0.45)

    def _bumper(self, left: float, right: float) -> None:
        y = self.body.sill + 1.5
        self._fill(box(left, y - 0.75, right, y + 0.75), (70, 74, 80), 0.7)
        self._fill(box(left + 0.1, y - 0.5, right, y + 0.68), CHROME, 0.6)
        self._stroke([(left + 0.6, y + 0.25), (right - 0.5, y + 0.25)], WHITE, 0.2)
        self._stroke([(left + 0.6, y - 0.3), (right - 0.5, y - 0.3)], mix(CHROME, INK, 0.4), 0.16)

    def _wheels(self) -> None:
        body = self.body
        radius = round(body.wheel * self.unit)
        disc = wheel(self.look, radius)
        for x in body.axles:
            px, py = self.frame.point(x, body.wheel)
            self.art.alpha_composite(disc, (round(px) - radius, round(py) - radius))
