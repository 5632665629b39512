"""The drawn pictures are real image files, and the same ones every time."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from devstack.demo.catalogue import PRODUCTS, Product
from devstack.demo.drawing.paint import colour
from devstack.demo.pictures import Format, Picture, View, draw, pictures_of

PLANNED = [picture for product in PRODUCTS for picture in pictures_of(product)]
SMALL = (480, 360)
ONE_OF_EACH_BODY = list({product.look.body.length: product for product in PRODUCTS}.values())


def opened(file: bytes) -> Image.Image:
    image = Image.open(BytesIO(file))
    image.load()
    return image


def test_every_product_has_one_to_four_pictures_with_names_of_their_own() -> None:
    counts = Counter(picture.product.sku for picture in PLANNED)
    assert set(counts) == {product.sku for product in PRODUCTS}
    assert set(counts.values()) == {1, 2, 3, 4}
    assert len({picture.filename for picture in PLANNED}) == len(PLANNED)


def test_all_formats_views_and_turned_uploads_occur() -> None:
    assert {picture.format for picture in PLANNED} == {"JPEG", "PNG", "WEBP"}
    assert {picture.view for picture in PLANNED} == {"front", "side", "package", "rear", "wheel"}
    assert {picture.orientation for picture in PLANNED} == {1, 3, 6, 8}


def test_loose_models_are_not_shown_in_a_packaging() -> None:
    loose = [picture for picture in PLANNED if picture.product.box_condition == "none"]
    assert loose
    assert "package" not in {picture.view for picture in loose}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_file_is_what_it_is_called(format: Format) -> None:
    picture = next(p for p in PLANNED if p.format == format and p.orientation == 1)
    file = draw(picture)
    image = opened(file)
    assert image.format == format
    assert image.size == picture.size
    assert 1200 <= max(image.size) <= 1600
    assert 20_000 < len(file) < 10 * 1024 * 1024
    assert Image.MIME[format] == picture.media_type


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_upload_is_upright_by_its_exif(orientation: int) -> None:
    upright = Picture(PRODUCTS[0], "front", SMALL, "JPEG", 1)
    stored = opened(draw(replace(upright, orientation=orientation)))
    assert stored.getexif()[0x0112] == orientation
    assert stored.size == (SMALL if orientation == 3 else SMALL[::-1])
    shown = ImageOps.exif_transpose(stored)
    difference = ImageChops.difference(shown, opened(draw(upright)))
    assert max(ImageStat.Stat(difference).mean) < 2


@pytest.mark.parametrize("view", ["front", "rear", "side", "wheel", "package"])
@pytest.mark.parametrize("product", ONE_OF_EACH_BODY, ids=lambda product: product.sku)
def test_the_car_is_seen_in_its_colour(product: Product, view: View) -> None:
    image = opened(draw(Picture(product, view, SMALL, "PNG", 1)))
    paint = Image.new("RGB", SMALL, colour(product.look.paint))
    red, green, blue = ImageChops.difference(image, paint).split()
    distance = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    alike = sum(distance.histogram()[:48])
    assert alike > 0.007 * SMALL[0] * SMALL[1]


def test_a_picture_follows_from_the_sku_alone() -> None:
    """Also in another process, where Python's own hashes are others."""
    program = (
        "import hashlib\n"
        "from devstack.demo.catalogue import PRODUCTS\n"
        "from devstack.demo.pictures import draw, pictures_of\n"
        "pictures = pictures_of(PRODUCTS[3])\n"
        "print([picture.filename for picture in pictures])\n"
        "print(hashlib.sha256(draw(pictures[0])).hexdigest())\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
