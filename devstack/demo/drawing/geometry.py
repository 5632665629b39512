"""Curves and frames: from a car's decimetres to the picture's pixels."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Path = Sequence[Point]


def lerp(a: float, b: float, t: float) -> float:
    """The value `t` of the way from `a` to `b`."""
    return a + (b - a) * t


def spline(
    points: Path, samples: int = 10, before: Point | None = None, after: Point | None = None
) -> list[Point]:
    """A smooth curve through all `points` (Catmull-Rom), `samples` steps to each span.

    `before` and `after` are where it comes from and goes on to, for a joint without a corner.
    """
    if len(points) < 3 and before is None and after is None:
        return list(points)
    padded = [before or points[0], *points, after or points[-1]]
    curve: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(samples):
            t = step / samples
            x, y = (_blend(p0[axis], p1[axis], p2[axis], p3[axis], t) for axis in (0, 1))
            curve.append((x, y))
    curve.append(points[-1])
    return curve


def _blend(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


_CORNER_STEPS = 6


def rounded(points: Path, radius: float) -> list[Point]:
    """The polygon with each corner cut to a curve that starts `radius` before it."""
    outline: list[Point] = []
    count = len(points)
    for index, corner in enumerate(points):
        start = _towards(corner, points[index - 1], radius)
        end = _towards(corner, points[(index + 1) % count], radius)
        for step in range(_CORNER_STEPS + 1):
            t = step / _CORNER_STEPS
            outline.append(
                (
                    lerp(lerp(start[0], corner[0], t), lerp(corner[0], end[0], t), t),
                    lerp(lerp(start[1], corner[1], t), lerp(corner[1], end[1], t), t),
                )
            )
    return outline


def softened(points: Path, radius: float) -> list[Point]:
    """An open line with its inner corners rounded."""
    if len(points) < 3:
        return list(points)
    return [points[0], *rounded(points, radius)[_CORNER_STEPS + 1 : -_CORNER_STEPS - 1], points[-1]]


def _towards(origin: Point, goal: Point, distance: float) -> Point:
    """`distance` from `origin` towards `goal`, but never past the middle."""
    length = math.dist(origin, goal)
    t = min(distance / length, 0.5) if length else 0.0
    return lerp(origin[0], goal[0], t), lerp(origin[1], goal[1], t)


def arc(centre: Point, radius: float, start: float, end: float, samples: int = 24) -> list[Point]:
    """Points on a circle from angle `start` to `end`, in degrees, anticlockwise."""
    return [
        (
            centre[0] + radius * math.cos(math.radians(lerp(start, end, step / samples))),
            centre[1] + radius * math.sin(math.radians(lerp(start, end, step / samples))),
        )
        for step in range(samples + 1)
    ]


def box(left: float, bottom: float, right: float, top: float) -> list[Point]:
    """A rectangle as a polygon."""
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def oval(left: float, bottom: float, right: float, top: float) -> list[Point]:
    """The ellipse that fits a rectangle, as a polygon."""
    return [
        (lerp(left, right, (x + 1) / 2), lerp(bottom, top, (y + 1) / 2))
        for x, y in arc((0, 0), 1, 0, 360, 40)
    ]


def extent(points: Iterable[Point]) -> tuple[int, int, int, int]:
    """The whole pixels that enclose some points: left, top, right, bottom."""
    across, down = zip(*points, strict=True)
    return (
        math.floor(min(across)),
        math.floor(min(down)),
        math.ceil(max(across)),
        math.ceil(max(down)),
    )


def height_at(path: Path, x: float) -> float:
    """How high a left-to-right `path` runs at `x`; its end heights outside its reach."""
    for (x0, y0), (x1, y1) in zip(path, path[1:], strict=False):
        if x0 <= x <= x1 and x1 > x0:
            return lerp(y0, y1, (x - x0) / (x1 - x0))
    return path[0][1] if x < path[0][0] else path[-1][1]


@dataclass(frozen=True)
class Frame:
    """Where the car's own plane (decimetres, y up, ground at 0) lies in a picture."""

    scale: float
    left: float
    ground: float

    def moved(self, by: Point) -> "Frame":
        """The same place in a picture whose corner lies elsewhere."""
        return Frame(self.scale, self.left + by[0], self.ground + by[1])

    def point(self, x: float, y: float) -> Point:
        """The pixel of a point of the car."""
        return self.left + x * self.scale, self.ground - y * self.scale

    def path(self, points: Iterable[Point]) -> list[Point]:
        """The pixels of many points of the car."""
        return [self.point(x, y) for x, y in points]

    def bounds(self, left: float, bottom: float, right: float, top: float) -> list[float]:
        """The box Pillow wants for an ellipse or a rectangle."""
        return [*self.point(left, top), *self.point(right, bottom)]
