"""From an upload to what the shop shows: bytes in, WebP out, upright and without metadata."""

from __future__ import annotations

import io
import math
from typing import NamedTuple

from PIL import Image, ImageCms

from diecast_api.catalog.uploads import CONTENT_TYPES, MAX_PIXELS, orientation_of

CONTENT_TYPE = "image/webp"
WEB_SIDE = 1024
THUMBNAIL_SIDE = 300
QUALITY = 82
METHOD = 4  # libwebp's own default; 6 takes three times as long for some percent of size

_UPRIGHTING = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FILTER = Image.Resampling.LANCZOS
_SIXTEEN_BIT_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_SRGB = ImageCms.createProfile("sRGB")


class UndecodableImageError(Exception):
    """The upload cannot be decoded; trying again would not help."""


class Renditions(NamedTuple):
    """Both renditions, as WebP files."""

    web: bytes
    thumbnail: bytes


def render(upload: bytes) -> Renditions:
    """Make both renditions of an upload that was looked at before.

    The web image fits into `WEB_SIDE` squared and is never enlarged; the thumbnail fills
    `THUMBNAIL_SIDE` squared, cropped around the centre. Of an animation the first picture is taken.

    Raises:
        UndecodableImageError: the file is broken in a way that only decoding shows.
    """
    try:
        with Image.open(io.BytesIO(upload), formats=list(CONTENT_TYPES)) as image:
            return _render(image)
    # Pillow's readers raise whatever they stumble upon in a broken file.
    except Exception as error:
        raise UndecodableImageError(str(error)) from error


def _render(image: Image.Image) -> Renditions:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ValueError("too many pixels")
    orientation = orientation_of(image)
    profile = image.info.get("icc_profile")
    web_scale = min(1.0, WEB_SIDE / max(width, height))
    thumbnail_scale = THUMBNAIL_SIDE / min(width, height)
    # A JPEG can be decoded at a half, a quarter or an eighth, not smaller than asked for.
    scale = min(1.0, max(web_scale, thumbnail_scale))
    image.draft(None, (math.ceil(width * scale), math.ceil(height * scale)))
    picture = _resizable(image)
    # Halving and the like is quick and lean; what is left is at least twice what is asked for.
    spare = math.floor(min(picture.size) / (min(width, height) * scale * 2))
    picture = picture.reduce(spare) if spare > 1 else picture

    web_size = (max(1, round(width * web_scale)), max(1, round(height * web_scale)))
    thumbnail_size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    square = _central_square(picture)
    return Renditions(
        web=_encoded(picture.resize(web_size, _FILTER), profile, orientation),
        thumbnail=_encoded(picture.resize(thumbnail_size, _FILTER, square), profile, orientation),
    )


def _resizable(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized: eight bits, no palette, transparency as alpha."""
    if image.mode in _SIXTEEN_BIT_MODES:
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode in ("L", "RGB", "CMYK", "RGBA") and "transparency" not in image.info:
        image.load()
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _central_square(picture: Image.Image) -> tuple[float, float, float, float]:
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    return left, top, left + side, top + side


def _encoded(picture: Image.Image, profile: bytes | None, orientation: int) -> bytes:
    picture = _in_srgb(picture, profile)
    if orientation in _UPRIGHTING:
        picture = picture.transpose(_UPRIGHTING[orientation])
    picture.info.clear()
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=METHOD)
    return file.getvalue()


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in the colours of the web; a profile that makes no sense is left out."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert(mode)
