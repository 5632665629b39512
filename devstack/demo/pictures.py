"""Which pictures a product gets, and their files; all of it follows from its SKU alone."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL import Image

from devstack.demo.catalogue.product import Product
from devstack.demo.drawing.packaging import box_scene, card_scene
from devstack.demo.drawing.paint import Size
from devstack.demo.drawing.scenes import Label, corner_scene, side_scene, wheel_scene

View = Literal["front", "side", "package", "rear", "wheel"]
Format = Literal["JPEG", "PNG", "WEBP"]

_SIZES: tuple[Size, ...] = ((1200, 900), (1280, 960), (1600, 1200))
_SUFFIX: dict[Format, str] = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_ORIENTATION = 0x0112
_UNDO: dict[int, Image.Transpose] = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera held turned stores an upright scene, by the EXIF orientation it writes."""


@dataclass(frozen=True)
class Picture:
    """One picture to draw: `orientation` is the EXIF value that makes it upright again, or 1."""

    product: Product
    view: View
    size: Size
    format: Format
    orientation: int

    @property
    def filename(self) -> str:
        """Unique among the product's pictures and the same on every run."""
        return f"{self.product.slug}-{self.view}.{_SUFFIX[self.format]}"

    @property
    def media_type(self) -> str:
        """The type of its file."""
        return f"image/{self.format.lower()}"

    @property
    def alt_text(self) -> str:
        """What it shows, in words."""
        return f"{self.product.name}, {_SHOWN[self.view]}"


_SHOWN: dict[View, str] = {
    "front": "seen from the front left",
    "side": "seen from the side",
    "package": "in its packaging",
    "rear": "seen from the rear left",
    "wheel": "a close look at the front wheel",
}


def pictures_of(product: Product) -> list[Picture]:
    """One to four pictures, the one for the shop window first."""
    chance = random.Random(product.sku)
    whole: list[View] = ["side"] if product.packaging == "loose" else ["side", "package"]
    details: list[View] = ["rear", "wheel"]
    chance.shuffle(whole)
    chance.shuffle(details)
    count = chance.choices((1, 2, 3, 4), weights=(42, 36, 15, 7))[0]
    views: list[View] = ["front", *whole, *details]
    return [_planned(product, view, chance) for view in views[:count]]


def _planned(product: Product, view: View, chance: random.Random) -> Picture:
    formats: tuple[Format, ...] = ("JPEG", "PNG", "WEBP")
    picked = chance.choices(formats, weights=(64, 12, 24))[0]
    turned = picked == "JPEG" and chance.random() < 0.25
    return Picture(
        product=product,
        view=view,
        size=chance.choices(_SIZES, weights=(76, 18, 6))[0],
        format=picked,
        orientation=chance.choice(sorted(_UNDO)) if turned else 1,
    )


def draw(picture: Picture) -> bytes:
    """The picture's file."""
    product = picture.product
    label = Label(product.maker, product.model, product.series, product.scale)
    scenes: dict[View, Callable[[], Image.Image]] = {
        "front": lambda: corner_scene(product.look, label, picture.size, yaw=34, pitch=13),
        "rear": lambda: corner_scene(product.look, label, picture.size, yaw=-32, pitch=15),
        "side": lambda: side_scene(product.look, label, picture.size),
        "wheel": lambda: wheel_scene(product.look, picture.size),
        "package": lambda: _packaged(product, label, picture.size),
    }
    return _encoded(scenes[picture.view](), picture)


def _packaged(product: Product, label: Label, size: Size) -> Image.Image:
    scene = card_scene if product.packaging == "card" else box_scene
    return scene(product.look, label, size)


def _encoded(scene: Image.Image, picture: Picture) -> bytes:
    file = BytesIO()
    if picture.format == "PNG":
        scene.save(file, "PNG", compress_level=3)
    elif picture.format == "WEBP":
        scene.save(file, "WEBP", quality=86, method=2)
    else:
        exif = Image.Exif()
        if picture.orientation != 1:
            exif[_ORIENTATION] = picture.orientation
            scene = scene.transpose(_UNDO[picture.orientation])
        scene.save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()
