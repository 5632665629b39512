"""A camera round the car, and the perspective maths it needs."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from devstack.demo.drawing.geometry import Path, Point

Point3 = tuple[float, float, float]


@dataclass(frozen=True)
class Camera:
    """Looks at `target` from `distance` decimetres, turned by `yaw`, raised by `pitch` degrees.

    With yaw 0 the car's left side is seen face on; a positive yaw brings the nose forward, a
    negative one the tail. `scale` is pixels to a decimetre at the target, `centre` its pixel.
    """

    yaw: float
    pitch: float
    distance: float
    target: Point3
    scale: float
    centre: Point

    def moved(self, by: Point) -> "Camera":
        """The same view, shifted in its picture by some pixels."""
        return replace(self, centre=(self.centre[0] + by[0], self.centre[1] + by[1]))

    def enlarged(self, times: float) -> "Camera":
        """The same view in a picture that many times larger."""
        centre = (self.centre[0] * times, self.centre[1] * times)
        return replace(self, scale=self.scale * times, centre=centre)

    @cached_property
    def _turn(self) -> tuple[float, float, float, float]:
        turn, tilt = math.radians(self.yaw), math.radians(self.pitch)
        return math.cos(turn), math.sin(turn), math.cos(tilt), math.sin(tilt)

    def seen(self, point: Point3) -> Point3:
        """The point as the camera has it: right, up and towards the lens, in decimetres."""
        cos_turn, sin_turn, cos_tilt, sin_tilt = self._turn
        x, y, z = point[0] - self.target[0], point[1] - self.target[1], point[2] - self.target[2]
        near = z * cos_turn - x * sin_turn
        return (
            x * cos_turn + z * sin_turn,
            y * cos_tilt - near * sin_tilt,
            near * cos_tilt + y * sin_tilt,
        )

    def pixel(self, seen: Point3) -> Point:
        """The pixel of a point that is already in the camera's own space."""
        zoom = self.scale * self.distance / (self.distance - seen[2])
        return self.centre[0] + seen[0] * zoom, self.centre[1] - seen[1] * zoom

    def project(self, point: Point3) -> Point:
        """The pixel of a point in space."""
        return self.pixel(self.seen(point))

    def path(self, points: Iterable[Point3]) -> list[Point]:
        """The pixels of many points in space."""
        return [self.pixel(self.seen(point)) for point in points]


def turned_to_viewer(polygon: Path) -> bool:
    """Whether a projected polygon shows its front: its corners run anticlockwise."""
    area = 0.0
    for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        area += x0 * y1 - x1 * y0
    return area < 0


def hull(points: Iterable[Point]) -> list[Point]:
    """The convex outline round some points (Andrew's monotone chain)."""
    ordered = sorted(set(points))

    def half(run: Iterable[Point]) -> list[Point]:
        chain: list[Point] = []
        for point in run:
            while len(chain) > 1 and _cross(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        return chain[:-1]

    return half(ordered) + half(reversed(ordered))


def _cross(o: Point, a: Point, b: Point) -> float:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def perspective(target: Sequence[Point], source: Sequence[Point]) -> tuple[float, ...]:
    """Pillow's eight PERSPECTIVE numbers that fetch the `source` corners to the `target` ones."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return tuple(_solved(rows))


def _solved(rows: list[list[float]]) -> list[float]:
    """The solution of a square system given as rows with the right side last (Gauss-Jordan)."""
    count = len(rows)
    for column in range(count):
        best = max(range(column, count), key=lambda row: abs(rows[row][column]))
        rows[column], rows[best] = rows[best], rows[column]
        lead = rows[column][column]
        rows[column] = [value / lead for value in rows[column]]
        for row in range(count):
            if row != column:
                factor = rows[row][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [row[-1] for row in rows]
