"""A car seen from an angle: its outline swept across its width, the drawn side wrapped on.

The surface is P(point of the outline, s) with s from -1 (right side) over 0 (middle) to 1 (left
side). Towards the sides it shrinks along a superellipse, which rounds every edge; at s = 1 the
outline is shrunk by a fixed share, so the flat side drawing fits on it by two plane projections,
one below the belt line and one for the leaning glass above it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from devstack.demo.drawing.body import End, Patch
from devstack.demo.drawing.camera import Camera, Point3, hull, perspective, turned_to_viewer
from devstack.demo.drawing.geometry import Frame, Path, Point, arc, box, extent, lerp, rounded
from devstack.demo.drawing.livery import flat_side
from devstack.demo.drawing.look import Look
from devstack.demo.drawing.paint import CHROME, INK, RED, WHITE, Colour, colour, lit, mix
from devstack.demo.drawing.side import side_view

_SHRINK_LENGTH = 0.065
_SHRINK_HEIGHT = 0.05
_ROUNDNESS = 3.4
_SLICES = (0.0, 0.12, 0.24, 0.36, 0.48, 0.6, 0.7, 0.79, 0.86, 0.92, 0.96, 0.985, 1.0)
_LIGHT = (0.05, 0.72, 0.69)
_HALFWAY = (0.03, 0.39, 0.92)
_FORESHORTENED = 0.82
"""How much smaller the wrapped side is drawn: seen at a slant it needs no more."""
_PANE = (-0.86, -0.6, -0.3, 0.0, 0.3, 0.6, 0.86)


def draw_solid(picture: Image.Image, look: Look, camera: Camera) -> None:
    """Draw the car into a picture, as `camera` sees it."""
    _Solid(picture, look, camera).draw_all()


@dataclass
class _Solid:
    art: Image.Image
    look: Look
    camera: Camera

    def __post_init__(self) -> None:
        self.body = self.look.body
        self.draw = ImageDraw.Draw(self.art)
        self.nose_near = self.camera.yaw > 0
        small = Frame(scale=4.0, left=8.0, ground=4.0 * (self.body.height + 4))
        self.flat = flat_side(
            self.look,
            small,
            (round(small.left + 4 * self.body.length) + 8, round(small.ground) + 8),
        )
        self.flat_frame = small

    def draw_all(self) -> None:
        """Farthest first: along the outline from the end that is turned away to the near one."""
        self._below()
        if self.nose_near:
            self._wing()
        both = tuple(-s for s in reversed(_SLICES[1:])) + _SLICES
        curves = list(self.body.curves.items())
        for name, curve in reversed(curves) if self.nose_near else curves:
            self._sheet([*curve[:-1:2], curve[-1]], both, None)
            self._decorate(name, curve)
        self._end(self.body.front if self.nose_near else self.body.rear, front=self.nose_near)
        self._flank()
        if not self.nose_near:
            self._wing()

    def _half_width(self, y: float) -> float:
        body = self.body
        over = max(0.0, (y - body.belt) / (body.height - body.belt))
        return body.width / 2 * lerp(1.0, body.tumblehome, over)

    def _at(self, x: float, y: float, s: float, out: float = 0.0) -> Point3:
        """The surface over the outline's point, `out` decimetres proud of it along the car."""
        body = self.body
        bevel = 1 - max(0.0, 1 - abs(s) ** _ROUNDNESS) ** (1 / _ROUNDNESS)
        middle = body.length / 2
        along = middle + (x - middle) * (1 - _SHRINK_LENGTH * bevel)
        height = body.sill + (y - body.sill) * (1 - _SHRINK_HEIGHT * bevel)
        return along + math.copysign(out, x - middle), height, s * self._half_width(y)

    def _add(self, corners: Sequence[Point3], fill: Colour) -> None:
        polygon = self.camera.path(corners)
        if turned_to_viewer(polygon):
            self.draw.polygon(polygon, fill=fill)

    def _sheet(self, run: Path, slices: tuple[float, ...], fill: Colour | None) -> None:
        """Facets over a run of the outline; without `fill` they take the livery's colours."""
        camera = self.camera
        ribs = [(point, [camera.seen(self._at(*point, s)) for s in slices]) for point in run]
        pieces = list(pairwise(ribs))
        for (p0, rib0), (p1, rib1) in reversed(pieces) if self.nose_near else pieces:
            base = fill or self._livery_at((p0[0] + p1[0]) / 2, (p0[1] + p1[1]) / 2)
            for corners in zip(rib0, rib0[1:], rib1[1:], rib1, strict=False):
                polygon = [camera.pixel(corner) for corner in corners]
                if turned_to_viewer(polygon):
                    self.draw.polygon(polygon, fill=lit(base, _light(corners)))

    def _quad(self, p0: Point, p1: Point, s0: float, s1: float) -> list[Point3]:
        return [self._at(*p0, s0), self._at(*p0, s1), self._at(*p1, s1), self._at(*p1, s0)]

    def _livery_at(self, x: float, y: float) -> Colour:
        if self.look.livery == "stripes":
            return colour(self.look.paint)
        px, py = self.flat_frame.point(x, y - 0.35)
        inside = (
            min(max(round(px), 0), self.flat.width - 1),
            min(max(round(py), 0), self.flat.height - 1),
        )
        pixel = self.flat.getpixel(inside)
        return (pixel[0], pixel[1], pixel[2]) if isinstance(pixel, tuple) else INK

    def _decorate(self, name: str, curve: list[Point]) -> None:
        """What lies on one curve of the outline: glass, racing stripes, a pickup's bed."""
        if name in ("windshield", "rear_glass"):
            if self._is_glass(curve):
                self._glaze(curve)
            return
        if self.look.livery == "stripes":
            shown = curve[len(curve) // 3 :] if name == "nose" else curve
            for slices in ((0.09, 0.28), (-0.28, -0.09)):
                self._sheet(shown, slices, colour(self.look.accent))
        if name == "deck" and self.body.bed:
            start, end = self.body.bed
            self._sheet([p for p in curve if start < p[0] < end], _PANE, (52, 53, 57))

    def _glaze(self, curve: list[Point]) -> None:
        trim = max(1, len(curve) // 9)
        pane = curve[trim:-trim]
        self._sheet(pane, (-0.92, *_PANE, 0.92), INK)
        low, high = sorted((pane[0][1], pane[-1][1]))
        for p0, p1 in pairwise(pane[1:-1] or pane):
            share0, share1 = ((y - low) / ((high - low) or 1.0) for y in (p0[1], p1[1]))
            tint = mix((40, 49, 58), (112, 132, 148), (share0 + share1) / 2)
            for s0, s1 in pairwise(_PANE):
                self._add(self._quad(p0, p1, s0, s1), tint)
            for s, width in ((-0.42, 0.3), (0.04, 0.08)):
                left0, left1 = s + 0.4 * share0, s + 0.4 * share1
                glare = [
                    self._at(*p0, left0),
                    self._at(*p0, left0 + width),
                    self._at(*p1, left1 + width),
                    self._at(*p1, left1),
                ]
                self._add(glare, mix(tint, WHITE, 0.14))

    def _is_glass(self, curve: Path) -> bool:
        """A lorry's "rear glass" is the front of its box: no higher than the side windows run."""
        top = max(y for window in self.body.windows for _, y in window)
        return max(y for _, y in curve) < top + 3.5

    def _end(self, end: End, *, front: bool) -> None:
        """Lamps, openings, plate and bumper of the nose or the tail."""
        body = self.body
        for opening in end.openings:
            for patch in _mirrored(opening):
                self._decal(rounded(box(*patch), 0.35), INK, front=front)
                self._slats(patch, front=front)
        if body.chrome:
            low = body.sill + 0.75
            for s in (-0.98, -0.5, 0.0, 0.5):
                self._decal(box(s, low, s + 0.49, low + 1.5), CHROME, front=front, out=0.7)
                self._decal(
                    box(s, low, s + 0.49, low + 0.5), mix(CHROME, INK, 0.45), front=front, out=0.72
                )
        for lamp in end.lamps:
            for patch in _mirrored(lamp):
                self._lamp(patch, front=front, circular=end.round_lamps)
        plate = body.sill + (0.8 if front else 3.6)
        self._decal(box(-0.24, plate, 0.24, plate + 1.1), (240, 240, 234), front=front, out=0.75)
        self._decal(box(-0.17, plate + 0.4, 0.17, plate + 0.7), (40, 42, 48), front=front, out=0.78)

    def _slats(self, patch: Patch, *, front: bool) -> None:
        left, low, right, high = patch
        steps = int((high - low) / 0.6)
        for step in range(1, steps):
            y = lerp(low, high, step / steps)
            inset = (right - left) * 0.06
            bar = box(left + inset, y - 0.07, right - inset, y + 0.07)
            self._decal(bar, CHROME if self.body.chrome else (74, 77, 83), front=front, out=0.12)

    def _lamp(self, patch: Patch, *, front: bool, circular: bool) -> None:
        left, low, right, high = patch
        glow = (228, 236, 242) if front else RED
        middle = ((left + right) / 2, (low + high) / 2)
        for size, fill, out in (
            (1.0, mix(CHROME, INK, 0.2) if self.body.chrome else INK, 0.1),
            (0.84, lit(glow, 0.82), 0.16),
            (0.6, lit(glow, 1.12), 0.2),
            (0.26, lit(glow, 1.6), 0.24),
        ):
            half_s, half_y = (right - left) / 2 * size, (high - low) / 2 * size
            if circular:
                shape = [
                    (middle[0] + half_s * x, middle[1] + half_y * y)
                    for x, y in arc((0, 0), 1, 0, 360, 28)
                ]
            else:
                shape = rounded(
                    box(
                        middle[0] - half_s,
                        middle[1] - half_y,
                        middle[0] + half_s,
                        middle[1] + half_y,
                    ),
                    0.3 * size,
                )
            self._decal(shape, fill, front=front, out=out)

    def _decal(self, shape: Path, fill: Colour, *, front: bool, out: float = 0.06) -> None:
        """A flat shape on the nose or the tail, given as (s, height)."""
        corners = [self._at(self._end_at(y, front=front), y, s, out) for s, y in shape]
        if not front:
            corners.reverse()
        self._add(corners, fill)

    def _end_at(self, y: float, *, front: bool) -> float:
        """Where the nose or the tail stands at a height."""
        curves = self.body.curves
        run = [*curves["nose"], *curves["hood"]] if front else [*curves["deck"], *curves["tail"]]
        crossings = [
            lerp(x0, x1, (y - y0) / (y1 - y0))
            for (x0, y0), (x1, y1) in zip(run, run[1:], strict=False)
            if min(y0, y1) <= y <= max(y0, y1) and y0 != y1
        ]
        if not crossings:
            return run[0][0] if front else run[-1][0]
        return min(crossings) if front else max(crossings)

    def _wing(self) -> None:
        if not self.body.wing:
            return
        end, deck, half = self.body.length, self.body.deck[-1][1], self.body.width / 2 - 0.6
        front, back, low, high = end - 5.6, end + 0.2, deck + 2.9, deck + 3.4
        for z in (-half * 0.45, half * 0.45):
            self._slab((end - 4.4, deck - 0.5, z - 0.2), (end - 3.4, low, z + 0.2), (30, 31, 34))
        self._slab((front, low, -half), (back, high, half), (38, 40, 44))
        for z in (-half, half):
            plate = (24, 25, 28)
            self._slab((front - 0.4, low - 1, z - 0.15), (back + 0.4, high + 0.5, z + 0.15), plate)

    def _slab(self, low: Point3, high: Point3, fill: Colour) -> None:
        """A box between two opposite corners."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        faces: list[list[Point3]] = [
            [(x0, y1, z0), (x0, y1, z1), (x1, y1, z1), (x1, y1, z0)],
            [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)],
            [(x0, y0, z0), (x0, y0, z1), (x0, y1, z1), (x0, y1, z0)],
            [(x1, y0, z1), (x1, y0, z0), (x1, y1, z0), (x1, y1, z1)],
        ]
        for face in faces:
            light = _light([self.camera.seen(corner) for corner in face])
            self._add(face, lit(fill, light + 0.3))

    def _below(self) -> None:
        """The floor and the four tyres, dark, before anything stands in front of them."""
        body = self.body
        half = body.width / 2
        floor: list[Point3] = [
            (x, y, z)
            for x in (2.6, body.length - 2.6)
            for y in (body.sill * 0.75, body.sill + 1.2)
            for z in (1.4 - half, half - 1.4)
        ]
        self.draw.polygon(hull(self.camera.path(floor)), fill=(14, 14, 16))
        for side in (-1, 1):
            for axle in body.axles:
                tread: list[Point3] = [
                    (*self._at(x, y, side)[:2], side * (half - inset))
                    for x, y in arc((axle, body.wheel), body.wheel, 0, 360, 32)
                    for inset in (0.2, 2.6)
                ]
                self.draw.polygon(hull(self.camera.path(tread)), fill=(22, 22, 24))

    def _flank(self) -> None:
        """The drawn left side, laid on the body in two planes that meet at the belt line."""
        body, unit = self.body, self.camera.scale * _FORESHORTENED
        margin = 2.0
        frame = Frame(unit, margin * unit, (body.height + margin) * unit)
        size = (
            round((body.length + 2 * margin) * unit),
            round((body.height + margin + 0.5) * unit),
        )
        side = side_view(self.look, frame, size, flank=True)
        belt = round(frame.point(0, body.belt)[1])
        self._lay(side, (0, belt, size[0], size[1]), frame)
        self._lay(side, (0, 0, size[0], belt), frame)

    def _lay(self, side: Image.Image, part: tuple[int, int, int, int], frame: Frame) -> None:
        left, top, right, bottom = part
        onto = []
        for px, py in ((left, top), (right, top), (right, bottom), (left, bottom)):
            x, y = (px - frame.left) / frame.scale, (frame.ground - py) / frame.scale
            onto.append(self.camera.project(self._at(x, y, 1.0)))
        lay_flat(self.art, side.crop(part), onto)


def lay_flat(art: Image.Image, picture: Image.Image, onto: Path) -> None:
    """Draw a picture in perspective, its corners (clockwise from the upper left) at `onto`."""
    width, height = picture.size
    x0, y0, x1, y1 = extent(onto)
    numbers = perspective(
        [(x - x0, y - y0) for x, y in onto], [(0, 0), (width, 0), (width, height), (0, height)]
    )
    laid = picture.transform(
        (x1 - x0, y1 - y0), Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
    )
    art.paste(laid, (x0, y0), laid)


def _light(corners: Sequence[Point3]) -> float:
    """How brightly a facet, in the camera's space, is lit: 1 is its own colour, 2 is white."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners[:3]
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    length = math.hypot(nx, ny, nz) or 1.0
    facing = (nx * _LIGHT[0] + ny * _LIGHT[1] + nz * _LIGHT[2]) / length
    glint = (nx * _HALFWAY[0] + ny * _HALFWAY[1] + nz * _HALFWAY[2]) / length
    return 0.62 + 0.46 * max(facing, 0.0) + 0.3 * max(glint, 0.0) ** 24


def _mirrored(patch: Patch) -> list[Patch]:
    """The patch on both sides; one that starts in the middle is one piece."""
    left, low, right, high = patch
    if left == 0.0:
        return [(-right, low, right, high)]
    return [patch, (-right, low, -left, high)]
