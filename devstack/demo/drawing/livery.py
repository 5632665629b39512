"""Liveries: the flat colours of a car's side before any light falls on it."""

from PIL import Image, ImageDraw

from devstack.demo.drawing.geometry import Frame, Path, Point, arc, box, height_at, spline
from devstack.demo.drawing.look import Look
from devstack.demo.drawing.paint import (
    INK,
    WHITE,
    Colour,
    Size,
    brightness,
    colour,
    line,
    lit,
    mix,
    text,
)

_SPONSORS = ("NUSANTARA", "KOPI 64", "GARASI", "LAJU OIL", "SUMATRA TYRES", "TITIK NOL")


def flat_side(look: Look, frame: Frame, size: Size) -> Image.Image:
    """The side's colours, unlit and not yet cut to the body's outline."""
    side = Image.new("RGB", size, colour(look.paint))
    artist = _Side(look, frame, ImageDraw.Draw(side))
    artist.paint()
    return side


class _Side:
    """One side being painted; every method draws one kind of livery."""

    def __init__(self, look: Look, frame: Frame, draw: ImageDraw.ImageDraw) -> None:
        self.look, self.body, self.frame, self.draw = look, look.body, frame, draw
        self.accent = colour(look.accent)

    def paint(self) -> None:
        kinds = {
            "two_tone": self.two_tone,
            "roof": self.roof,
            "stripes": self.rocker,
            "swoosh": self.swoosh,
            "race": self.race,
            "flames": self.flames,
            "patrol": self.patrol,
            "wood": self.wood,
            "band": self.band,
        }
        if self.look.livery in kinds:
            kinds[self.look.livery]()
        if self.look.number:
            self.roundel()

    def fill(self, points: Path, fill: Colour) -> None:
        self.draw.polygon(self.frame.path(points), fill=fill)

    def stroke(self, points: Path, fill: Colour, width: float) -> None:
        line(self.draw, self.frame.path(points), fill, width * self.frame.scale)

    def crease(self, lift: float = 0.0) -> list[Point]:
        return [(x, y + lift) for x, y in spline(self.body.crease)]

    def two_tone(self) -> None:
        edge = self.crease(-0.3)
        end = self.body.length + 2
        self.fill([(-2, edge[0][1]), *edge, (end, edge[-1][1]), (end, -1), (-2, -1)], self.accent)
        self.stroke(edge, mix(self.accent, WHITE, 0.7), 0.22)

    def roof(self) -> None:
        start = self.body.curves["windshield"][0]
        end = self.body.curves["rear_glass"][-1]
        top = self.body.height + 1
        self.fill([start, end, (end[0] + 1, top), (start[0] - 1, top)], self.accent)

    def rocker(self) -> None:
        low = self.body.sill + 0.7
        self.fill(box(-2, low, self.body.length + 2, low + 0.9), self.accent)
        self.fill(box(-2, low + 1.15, self.body.length + 2, low + 1.4), self.accent)

    def swoosh(self) -> None:
        length, sill, belt = self.body.length, self.body.sill, self.body.belt
        for shift, fill in ((0.0, self.accent), (1.5, mix(self.accent, INK, 0.35))):
            upper = spline(
                [
                    (length * 0.05, belt * 0.72 - shift),
                    (length * 0.4, sill + 2.6 - shift * 0.6),
                    (length * 0.72, belt * 0.62 - shift),
                    (length + 2, belt * 1.15 - shift),
                ]
            )
            lower = [(x, y - 0.25 - 1.0 * x / length) for x, y in reversed(upper)]
            self.fill([*upper, *lower], fill)

    def race(self) -> None:
        length, top = self.body.length, self.body.height + 2
        self.fill([(-2, -1), (length * 0.3, -1), (length * 0.17, top), (-2, top)], self.accent)
        self.fill(
            [(length * 0.33, -1), (length * 0.36, -1), (length * 0.23, top), (length * 0.2, top)],
            mix(self.accent, INK, 0.4),
        )
        self.fill(
            [(length * 0.86, -1), (length + 2, -1), (length + 2, top), (length * 0.76, top)],
            self.accent,
        )
        sponsor = _SPONSORS[sum(map(ord, self.look.paint + self.look.number)) % len(_SPONSORS)]
        front, rear = self.body.axles
        middle, room = (front + rear) / 2, (rear - front) * 0.55
        self.lettering(middle, self.body.sill + 1.15, sponsor, 1.35, room)

    def lettering(self, x: float, y: float, words: str, height: float, width: float) -> None:
        ink = INK if brightness(colour(self.look.paint)) > 0.45 else WHITE
        scale = self.frame.scale
        place = self.frame.point(x, y)
        text(
            self.draw,
            place,
            words,
            height=height * scale,
            width=width * scale,
            fill=ink,
            bold=0.03,
        )

    def flames(self) -> None:
        body = self.body
        low, high = body.sill + 1.0, height_at(body.outline, body.axles[0]) - 0.4
        for grow, fill in ((1.0, (255, 214, 40)), (0.93, self.accent)):
            tongues: list[Point] = [(-2.0, low - 1)]
            count = 4
            for index in range(count):
                y0 = low + (high - low) * index / count
                y1 = low + (high - low) * (index + 1) / count
                tip = body.length * (0.5 + 0.16 * (index % 2)) * grow - index
                middle = (y0 + y1) / 2
                tongues += spline(
                    [
                        (body.length * 0.16 * grow, y0 + 0.1),
                        (body.length * 0.3 * grow, y0 + 0.35),
                        (tip, middle + 0.8),
                        (body.length * 0.3 * grow, y1 - 0.1),
                        (body.length * 0.14 * grow, y1),
                    ]
                )
            self.fill([*tongues, (-2.0, high + 3)], fill)

    def patrol(self) -> None:
        first, last = self.door_span()
        self.fill(box(first, -1, last, self.body.belt + 0.4), self.accent)

    def wood(self) -> None:
        body = self.body
        start, end = self.door_span()[0], body.length - 0.8
        low, high = body.sill + 1.8, body.belt - 0.9
        wood = colour("#9a6435")
        self.fill(box(start, low, end, high), wood)
        for step in range(1, 9):
            y = low + (high - low) * step / 9
            self.stroke([(start, y), (end, y)], lit(wood, 0.86), 0.1)
        trim = colour("#d9b27c")
        for y in (low, high):
            self.stroke([(start, y), (end, y)], trim, 0.5)
        for share in (0.0, 0.33, 0.66, 1.0):
            x = start + (end - start) * share
            self.stroke([(x, low), (x, high)], trim, 0.45)

    def band(self) -> None:
        body = self.body
        low = body.belt - 4.2
        self.fill(box(-2, low, body.length + 2, low + 2.2), self.accent)
        self.fill(box(-2, low - 0.9, body.length + 2, low - 0.4), self.accent)
        self.lettering(body.length * 0.5, low - 2.6, "KOTA LINTAS", 2.4, 20)

    def door_span(self) -> tuple[float, float]:
        across = [x for door in self.body.doors for x, _ in door]
        return min(across), max(across)

    def roundel(self) -> None:
        body, scale = self.body, self.frame.scale
        door = body.doors[0]
        x = (min(p[0] for p in door) + max(p[0] for p in door)) / 2
        y = body.sill + (body.belt - body.sill) * 0.6
        radius = (body.belt - body.sill) * 0.33
        self.fill(arc((x, y), radius + 0.18, 0, 360, 48), INK)
        self.fill(arc((x, y), radius, 0, 360, 48), (250, 250, 247))
        text(
            self.draw,
            self.frame.point(x, y),
            self.look.number,
            height=radius * 1.5 * scale,
            width=radius * 1.5 * scale,
            fill=INK,
            bold=0.035,
        )
