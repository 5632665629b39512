"""What can go wrong in the catalogue."""

from __future__ import annotations

from diecast_api.errors import Conflict, Invalid, TooLarge, UnsupportedMedia


class SkuTaken(Conflict):
    """Another product has this SKU, whatever its case; `sku` is the one asked for."""

    code = "sku_taken"


class SlugTaken(Conflict):
    """Another resource of the kind has this slug; `slug` is the one asked for."""

    code = "slug_taken"


class CategoryNotEmpty(Conflict):
    """The category still has products or categories below it."""

    code = "category_not_empty"


class CategoryCycle(Conflict):
    """The move would put a category below itself."""

    code = "category_cycle"


class UnsupportedImageType(UnsupportedMedia):
    """The content of `filename` is neither JPEG nor PNG nor WebP, whatever its name says."""

    code = "unsupported_image_type"


class ImageTooLarge(TooLarge):
    """`filename` has more than `max_bytes`."""

    code = "image_too_large"


class InvalidImage(Invalid):
    """`filename` cannot be decoded, or has more than `max_pixels`."""

    code = "invalid_image"
