"""The photographs of a model: studio light, a plinth with its name plate, and the car.

Whatever has edges is drawn at twice the size and halved at the end, which smooths them.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw

from devstack.demo.drawing.camera import Camera, Point3, hull
from devstack.demo.drawing.geometry import Frame, Path, box, extent, oval
from devstack.demo.drawing.look import Look
from devstack.demo.drawing.paint import (
    BLACK,
    Colour,
    Size,
    brightness,
    cast_shadow,
    colour,
    grey,
    lit,
    mask,
    text,
    vertical_gradient,
)
from devstack.demo.drawing.side import side_view
from devstack.demo.drawing.solid import draw_solid, lay_flat

FINE = 2
"""How many times larger than the finished picture everything with an edge is drawn."""


@dataclass(frozen=True)
class Label:
    """What the name plate and the packaging say."""

    maker: str
    model: str
    series: str
    scale: str


def studio(size: Size, look: Look, horizon: float) -> Image.Image:
    """A seamless backdrop: a glow behind the car, a lighter floor from `horizon` (0 to 1) down."""
    tone = _tone(look)
    away, floor = _studio_light(size, horizon)
    wall = Image.composite(
        Image.new("RGB", size, lit(tone, 0.66)), Image.new("RGB", size, lit(tone, 1.3)), away
    )
    return ImageChops.screen(wall, floor)


@lru_cache(maxsize=8)
def _studio_light(size: Size, horizon: float) -> tuple[Image.Image, Image.Image]:
    """How far the wall's glow is away, 0 to 255, and the light that the floor gives back."""
    width, height = size
    reach = round(width * 1.5), round(height * 1.7)
    left = (reach[0] - width) // 2
    top = round(reach[1] / 2 - height * (horizon - 0.12))
    away = Image.radial_gradient("L").resize(reach, Image.Resampling.BICUBIC)
    edge = height * horizon
    floor = [
        (0.0, BLACK),
        (edge - height * 0.08, BLACK),
        (edge + height * 0.06, grey(0.2)),
        (height, grey(0.02)),
    ]
    shown = (left, top, left + width, top + height)
    return away.crop(shown), vertical_gradient(size, floor)


_BACKDROPS = tuple(
    colour(name)
    for name in (
        "#b5c6d6",
        "#dccab0",
        "#5d7186",
        "#93bac0",
        "#d8b5ad",
        "#b2cfbb",
        "#b9b2d0",
        "#e6cb8d",
        "#a9b4c2",
    )
)


def _tone(look: Look) -> Colour:
    """The backdrop of a look: of four that its colours lead to, the one that sets it off best."""
    paint = colour(look.paint)
    start = sum(map(ord, look.paint + look.accent + look.number))
    offers = [_BACKDROPS[(start + step * 4) % len(_BACKDROPS)] for step in range(4)]
    return max(offers, key=lambda offer: math.dist(offer, paint))


def side_scene(look: Look, label: Label, size: Size) -> Image.Image:
    """The car from its left side on a glossy floor that mirrors it."""
    width, height = size
    body = look.body
    scale = min(width * 0.68 / body.length, height * 0.52 / body.height)
    frame = Frame(scale, (width - body.length * scale) / 2, round(height * 0.72))
    scene = studio(size, look, 0.68)
    car, corner = _side_art(look, frame)
    ground = round(frame.ground)
    depth = ground - corner[1]
    reflection = car.crop((0, 0, car.width, depth)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    fade = vertical_gradient(reflection.size, [(0, (72, 72, 72)), (height * 0.2, BLACK)])
    alpha = ImageChops.multiply(reflection.getchannel("A"), fade.getchannel(0))
    scene.paste(reflection.convert("RGB"), (corner[0], ground), alpha)

    wheels = [(frame.path(oval(x - 3, -0.6, x + 3, 0.5)), 220) for x in body.axles]
    below = frame.path(oval(-0.5, -1.1, body.length + 0.5, 1.0))
    cast_shadow(scene, [(below, 150), *wheels], scale * 0.5)
    scene.paste(car, corner, car)
    _caption(scene, label)
    return scene


def _side_art(look: Look, frame: Frame) -> tuple[Image.Image, tuple[int, int]]:
    """The smooth side view, and where its upper left corner belongs in the frame's picture."""
    body, unit = look.body, frame.scale
    margin = 1.6 * unit
    left, top = round(frame.left - margin), round(frame.ground - (body.height + 1) * unit)
    right = round(frame.left + body.length * unit + margin)
    bottom = round(frame.ground + 0.5 * unit)
    fine = Frame(unit * FINE, (frame.left - left) * FINE, (frame.ground - top) * FINE)
    art = side_view(look, fine, ((right - left) * FINE, (bottom - top) * FINE))
    return art.reduce(FINE), (left, top)


def _caption(scene: Image.Image, label: Label) -> None:
    width, height = scene.size
    sample = scene.resize((1, 1), box=(width * 0.3, height * 0.85, width * 0.7, height * 0.95))
    tone = sample.getpixel((0, 0))
    bright = isinstance(tone, tuple) and brightness((tone[0], tone[1], tone[2])) > 0.45
    ink = (34, 37, 43) if bright else (240, 240, 236)
    draw = ImageDraw.Draw(scene)
    middle, room = width / 2, width * 0.66
    text(
        draw,
        (middle, height * 0.886),
        label.model,
        height=height * 0.036,
        width=room,
        fill=ink,
        bold=0.02,
    )
    line = f"{label.maker}  ·  {label.series}  ·  {label.scale}"
    text(draw, (middle, height * 0.935), line, height=height * 0.024, width=room, fill=ink)


def view_camera(look: Look, size: Size, *, yaw: float, pitch: float) -> Camera:
    """A camera that shows the whole car and its plinth in a picture of that size."""
    body = look.body
    turn, tilt = math.radians(abs(yaw)), math.radians(pitch)
    across = body.length * math.cos(turn) + body.width * math.sin(turn)
    tall = body.height + (body.length * math.sin(turn) + body.width) * math.sin(tilt)
    scale = min(size[0] * 0.7 / across, size[1] * 0.6 / tall)
    target = (body.length / 2, body.height * 0.36, 0.0)
    return Camera(yaw, pitch, body.length * 3.4, target, scale, (size[0] / 2, size[1] * 0.54))


@dataclass(frozen=True)
class Plinth:
    """The slab under a car: how far it reaches round it and how deep it is, in decimetres."""

    start: float
    end: float
    half: float
    depth: float

    @classmethod
    def under(cls, look: Look) -> "Plinth":
        """The plinth that fits the car of a look."""
        body = look.body
        reach = body.length * 0.055
        return cls(-reach, body.length + reach, body.width / 2 + reach, body.length * 0.06)

    def corners(self) -> list[Point3]:
        """Its eight corners; the car stands on y = 0."""
        return [
            (x, y, z)
            for x in (self.start, self.end)
            for y in (0.0, -self.depth)
            for z in (-self.half, self.half)
        ]


def corner_scene(look: Look, label: Label, size: Size, *, yaw: float, pitch: float) -> Image.Image:
    """The car from an angle on a plinth with its name plate; a negative yaw shows the tail."""
    camera = view_camera(look, size, yaw=yaw, pitch=pitch)
    scene = studio(size, look, 0.52)
    plinth = Plinth.under(look)
    foot = [(x, -plinth.depth, z * 1.06) for x, y, z in plinth.corners() if y == 0]
    cast_shadow(scene, [(hull(camera.path(foot)), 150)], camera.scale * 1.6)
    space = [*outer_corners(look), *plinth.corners()]
    left, top, right, bottom = extent(camera.path(space))
    fine = camera.moved((-left, -top)).enlarged(FINE)
    art = Image.new("RGBA", ((right - left) * FINE, (bottom - top) * FINE))
    _draw_plinth(art, plinth, fine, label)
    stand(art, look, fine)
    smooth = art.reduce(FINE)
    scene.paste(smooth, (left, top), smooth)
    return scene


def outer_corners(look: Look) -> list[Point3]:
    """The corners of the room that a car takes up, a rear wing included."""
    body = look.body
    return [
        (x, y, z)
        for x in (-2.0, body.length + 2.0)
        for y in (-1.0, body.height + (2 if body.wing else 1))
        for z in (-body.width / 2, body.width / 2)
    ]


def stand(art: Image.Image, look: Look, camera: Camera) -> None:
    """Draw the car with its shadow on whatever it stands on."""
    body, half = look.body, look.body.width / 2
    near = [(x, 0.0, z) for x in (1.0, body.length - 1.0) for z in (0.6 - half, half - 0.4)]
    tight = [(x, 0.0, z) for x in (3.0, body.length - 3.0) for z in (2 - half, half - 1.2)]
    shapes = [(hull(camera.path(near)), 120), (hull(camera.path(tight)), 215)]
    cast_shadow(art, shapes, camera.scale * 0.9)
    draw_solid(art, look, camera)


def _draw_plinth(art: Image.Image, plinth: Plinth, camera: Camera, label: Label) -> None:
    x0, x1, z, low = plinth.start, plinth.end, plinth.half, -plinth.depth
    end = x0 if camera.yaw > 0 else x1
    top = camera.path([(x0, 0, -z), (x0, 0, z), (x1, 0, z), (x1, 0, -z)])
    _face(art, top, (70, 72, 79), (38, 39, 44))
    shoulder = camera.path([(end, 0, -z), (end, 0, z), (end, low, z), (end, low, -z)])
    _face(art, shoulder, (32, 33, 37), (18, 18, 21))
    _face(
        art,
        camera.path([(x0, 0, z), (x0, low, z), (x1, low, z), (x1, 0, z)]),
        (46, 47, 52),
        (24, 24, 27),
    )
    edge = camera.path([(end, 0, -z), (end, 0, z), (x0 + x1 - end, 0, z)])
    ImageDraw.Draw(art).line(edge, fill=(112, 115, 124), width=FINE)
    _plate(art, plinth, camera, label)


def _face(art: Image.Image, outline: Path, upper: Colour, lower: Colour) -> None:
    left, top, right, bottom = extent(outline)
    size = (right - left, bottom - top)
    shape = [(x - left, y - top) for x, y in outline]
    cut = mask(size, lambda draw: draw.polygon(shape, fill=255))
    art.paste(vertical_gradient(size, [(0, upper), (size[1], lower)]), (left, top), cut)


def _plate(art: Image.Image, plinth: Plinth, camera: Camera, label: Label) -> None:
    """A brushed plate in the middle of the plinth's long side, in its perspective."""
    middle, half = (plinth.start + plinth.end) / 2, (plinth.end - plinth.start) * 0.28
    high, low = -plinth.depth * 0.16, -plinth.depth * 0.84
    width, height = round(2 * half * camera.scale), round((high - low) * camera.scale)
    plate = vertical_gradient((width, height), [(0, (222, 216, 198)), (height, (170, 162, 142))])
    text(
        ImageDraw.Draw(plate),
        (width / 2, height / 2),
        f"{label.maker} · {label.model} · {label.scale}",
        height=height * 0.56,
        width=width * 0.92,
        fill=(38, 35, 30),
        bold=0.02,
    )
    corners = [
        (middle - half, high),
        (middle + half, high),
        (middle + half, low),
        (middle - half, low),
    ]
    onto = camera.path([(x, y, plinth.half) for x, y in corners])
    lay_flat(art, plate.convert("RGBA"), onto)


def wheel_scene(look: Look, size: Size) -> Image.Image:
    """A close look at the front wheel and the wing above it."""
    width, height = size
    body = look.body
    scale = height * 0.27 / body.wheel
    frame = Frame(scale, width * 0.44 - body.axles[0] * scale, round(height * 0.83))
    scene = studio(size, look, 0.74)

    x = body.axles[0]
    below = frame.path(box(0.5, -0.5, body.length, 0.6))
    tread = frame.path(oval(x - 3.4, -0.6, x + 3.4, 0.4))
    cast_shadow(scene, [(below, 130), (tread, 230)], scale * 0.4)
    fine = Frame(scale * FINE, frame.left * FINE, frame.ground * FINE)
    car = side_view(look, fine, (width * FINE, height * FINE)).reduce(FINE)
    scene.paste(car, mask=car)
    return scene
