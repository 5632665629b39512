"""Image files for tests, drawn in memory."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The file of an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(kind: str = "JPEG", size: tuple[int, int] = (400, 300), color: Any = RED) -> bytes:
    """A picture in one color."""
    return encoded(Image.new("RGB", size, color), kind)


def four_corners(size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Red above left, green above right, blue below left, white below right."""
    corners = Image.new("RGB", (2, 2))
    corners.putdata([RED, GREEN, BLUE, WHITE])
    return corners.resize(size, Image.Resampling.NEAREST)


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims a size in pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)


def png_chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with a good checksum."""
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


@cache
def bomb() -> bytes:
    """A PNG of 12 000 × 12 000 pixels in two megabytes, deflated line by line."""
    deflate = zlib.compressobj(1)
    line = bytes(1 + 12_000 * 3)
    pixels = b"".join(deflate.compress(line) for _ in range(12_000)) + deflate.flush()
    return png_header(12_000, 12_000) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def opened(content: bytes) -> Image.Image:
    """A decoded image."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def corners(image: Image.Image) -> list[str]:
    """The names of the colors in the corners: above left, above right, below left, below right."""
    right, below = image.width - 6, image.height - 6
    places = ((5, 5), (right, 5), (5, below), (right, below))
    return [_nearest(image.convert("RGB").getpixel(place)) for place in places]


def _nearest(pixel: Any) -> str:
    named = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    return min(
        named, key=lambda name: sum(abs(a - b) for a, b in zip(named[name], pixel, strict=True))
    )
