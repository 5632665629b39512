"""Looking at an upload before it is taken: what it is, how large, and whether it is all there.

The kind is told by content, never by name. The pixels are counted from the header, before anything
is decoded. Large images are only looked through, not decoded whole; what that misses the worker
finds, and the image is `failed` then.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO

from PIL import Image

from diecast_api.catalog.errors import ImageTooLarge, InvalidImage, UnsupportedImageType

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
# What is decoded whole, 200 MB at the most; libwebp needs 16 bytes for each pixel.
MAX_PIXELS_DECODED = 12_000_000
MAX_FILENAME_LENGTH = 255
CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}

_ORIENTATION_TAG = 0x0112
_LYING_ORIENTATIONS = (5, 6, 7, 8)
_SIGNATURE_LENGTH = 12

# Our own limit stands in place of Pillow's, which only warns up to twice its number.
Image.MAX_IMAGE_PIXELS = None
# One decoding at a time in a process: memory is bounded by one image, not by one for each thread.
_decoding = Lock()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent; `filename` is what the sender calls it."""

    filename: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What is known of an upload that was looked at. Width and height are in pixels, upright."""

    filename: str
    content_type: str
    width: int
    height: int
    size_bytes: int


def inspect(upload: Upload) -> ImageFacts:
    """Look at an upload.

    Raises:
        ImageTooLarge: it has more than `MAX_BYTES`.
        UnsupportedImageType: it is neither JPEG nor PNG nor WebP.
        InvalidImage: it has more than `MAX_PIXELS`, or is broken or cut short.
    """
    filename = _base_name(upload.filename)
    size_bytes = upload.stream.seek(0, os.SEEK_END)
    if size_bytes > MAX_BYTES:
        raise ImageTooLarge(filename=filename, max_bytes=MAX_BYTES)
    upload.stream.seek(0)
    kind = _kind(upload.stream.read(_SIGNATURE_LENGTH))
    if kind is None:
        raise UnsupportedImageType(filename=filename)
    upload.stream.seek(0)
    try:
        with _decoding:
            width, height = _upright_size(upload.stream, kind)
    # Pillow's readers raise whatever they stumble upon in a broken file.
    except Exception as error:
        raise InvalidImage(filename=filename, max_pixels=MAX_PIXELS) from error
    return ImageFacts(
        filename=filename,
        content_type=CONTENT_TYPES[kind],
        width=width,
        height=height,
        size_bytes=size_bytes,
    )


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none that makes sense.

    Only what was read with the header: Pillow's `getexif` may decode a whole PNG to find it.
    """
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        orientation = exif.get(_ORIENTATION_TAG, 1)
    except Exception:  # a broken EXIF block does not make a broken image
        return 1
    return orientation if orientation in range(1, 9) else 1


def _upright_size(stream: BinaryIO, kind: str) -> tuple[int, int]:
    with Image.open(stream, formats=[kind]) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise ValueError("too many pixels")
        lies = orientation_of(image) in _LYING_ORIENTATIONS
        if kind == "JPEG":
            image.draft(None, (1, 1))  # an eighth of the size, and still read to the end
            image.load()
        elif kind == "PNG":
            image.verify()
    if kind != "JPEG" and width * height <= MAX_PIXELS_DECODED:
        stream.seek(0)
        with Image.open(stream, formats=[kind]) as image:
            image.load()
    return (height, width) if lies else (width, height)


def _kind(signature: bytes) -> str | None:
    if signature.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if signature.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if signature[:4] == b"RIFF" and signature[8:12] == b"WEBP":
        return "WEBP"
    return None


def _base_name(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable()).strip()[:MAX_FILENAME_LENGTH] or "image"
