"""Renditions of every kind of picture, bytes to bytes."""

from __future__ import annotations

import pytest
from PIL import Image, ImageCms

from diecast_api.catalog.renditions import UndecodableImageError, render
from tests.catalog.pictures import (
    ORIENTATION,
    RED,
    corners,
    encoded,
    four_corners,
    opened,
    photo,
)

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "web"),
    [
        ((2048, 1024), (1024, 512)),
        ((1500, 3000), (512, 1024)),
        ((1024, 1024), (1024, 1024)),
        ((1025, 1024), (1024, 1023)),
        ((640, 480), (640, 480)),
        ((1, 1), (1, 1)),
        ((5000, 3), (1024, 1)),
        ((3, 5000), (1, 1024)),
    ],
)
def test_sizes(kind: str, size: tuple[int, int], web: tuple[int, int]) -> None:
    renditions = render(photo(kind, size))
    assert opened(renditions.web).size == web
    assert opened(renditions.thumbnail).size == (300, 300)
    assert opened(renditions.web).format == opened(renditions.thumbnail).format == "WEBP"


def test_the_thumbnail_is_cut_around_the_centre() -> None:
    wide = Image.new("RGB", (1200, 400), "white")
    wide.paste(RED, (400, 0, 800, 400))
    thumbnail = opened(render(encoded(wide)).thumbnail)
    assert corners(thumbnail) == ["red"] * 4
    tall = wide.transpose(Image.Transpose.ROTATE_90)
    assert corners(opened(render(encoded(tall)).thumbnail)) == ["red"] * 4


def test_a_small_picture_fills_its_thumbnail() -> None:
    thumbnail = opened(render(encoded(four_corners((40, 40)), "PNG")).thumbnail)
    assert corners(thumbnail) == ["red", "green", "blue", "white"]


def test_no_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 1
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[2] = (6.0, 10.0, 30.0)
    for kind, options in (
        ("JPEG", {"comment": b"Secret Comment", "xmp": b"<x>Secret XMP</x>"}),
        ("PNG", {}),
        ("WEBP", {"xmp": b"<x>Secret XMP</x>"}),
    ):
        upload = encoded(four_corners(), kind, exif=exif, icc_profile=SRGB, **options)
        for rendition in render(upload):
            assert not any(mark in rendition for mark in (b"EXIF", b"ICCP", b"XMP ", b"Secret"))


@pytest.mark.parametrize(
    ("image", "kind", "color"),
    [
        (Image.new("L", (64, 64), 100), "JPEG", (100, 100, 100, 255)),
        (Image.new("1", (64, 64), 1), "PNG", (255, 255, 255, 255)),
        (Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", (255, 0, 0, 255)),
        (Image.new("I;16", (64, 64), 65535), "PNG", (255, 255, 255, 255)),
        (Image.new("I;16", (64, 64), 257 * 100), "PNG", (100, 100, 100, 255)),
        (Image.new("LA", (64, 64), (100, 128)), "PNG", (100, 100, 100, 128)),
        (Image.new("RGBA", (64, 64), (255, 0, 0, 128)), "PNG", (255, 0, 0, 128)),
        (Image.new("RGBA", (64, 64), (255, 0, 0, 128)), "WEBP", (255, 0, 0, 128)),
        (Image.new("RGB", (64, 64), RED).convert("P"), "PNG", (255, 0, 0, 255)),
    ],
)
def test_every_mode_keeps_its_color(
    image: Image.Image, kind: str, color: tuple[int, int, int, int]
) -> None:
    for rendition in render(encoded(image, kind)):
        pixel = opened(rendition).convert("RGBA").getpixel((32, 32))
        assert isinstance(pixel, tuple)
        assert all(abs(found - wanted) <= 4 for found, wanted in zip(pixel, color, strict=True))


def test_a_transparent_color_of_a_palette_stays_transparent() -> None:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 0, 0])
    for rendition in render(encoded(image, "PNG", transparency=0)):
        assert opened(rendition).convert("RGBA").getpixel((32, 32))[3] == 0


def test_a_profile_of_the_web_changes_nothing_and_a_broken_one_is_ignored() -> None:
    for rendition in render(photo_with_profile(SRGB)) + render(photo_with_profile(b"junk" * 50)):
        assert corners(opened(rendition)) == ["red"] * 4


def photo_with_profile(profile: bytes) -> bytes:
    return encoded(Image.new("RGB", (64, 64), RED), icc_profile=profile)


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "MPO"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "green", "blue")]
    upload = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    for rendition in render(upload):
        assert corners(opened(rendition)) == ["red"] * 4


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upload = encoded(four_corners(), exif=exif)
    assert corners(opened(render(upload).web)) == ["red", "green", "blue", "white"]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_exif_block_is_ignored() -> None:
    upload = encoded(four_corners(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff nonsense")
    assert corners(opened(render(upload).web)) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize("content", [b"", b"text", photo()[:500], photo("WEBP")[:60]])
def test_what_cannot_be_decoded_is_said(content: bytes) -> None:
    with pytest.raises(UndecodableImageError):
        render(content)


def test_the_same_upload_gives_the_same_bytes() -> None:
    upload = encoded(four_corners(), "PNG")
    assert render(upload) == render(upload)


def test_a_large_photo_is_not_blurred_by_being_shrunk_twice() -> None:
    stripes = Image.new("L", (2, 1))
    stripes.putdata([0, 255])
    wide = stripes.resize((4000, 3000), Image.Resampling.NEAREST)
    web = opened(render(encoded(wide, "PNG")).web).convert("L")
    assert web.getpixel((10, 384)) < 5
    assert web.getpixel((1013, 384)) > 250
