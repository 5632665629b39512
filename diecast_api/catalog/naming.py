"""Slugs and SKUs: how products and categories are named in addresses and on labels."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection
from itertools import chain, count
from uuid import UUID

from sqlalchemy import ColumnElement, false

from diecast_api.catalog.models import Category, Product

MAX_SLUG_LENGTH = 120
# Addresses beside `/products/{slug}` that mean something else.
RESERVED_SLUGS = frozenset({"facets", "suggest"})
_ROOM_FOR_SUFFIX = 12
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Without the letters and digits that are mistaken for each other when read aloud.
_SKU_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def slug_from(name: str, *, fallback: str) -> str:
    """A slug in ASCII out of a name in any script; `fallback` where no letter or digit is left."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", ascii_name.replace("'", "")))
    slug = slug[: MAX_SLUG_LENGTH - _ROOM_FOR_SUFFIX].strip("-") or fallback
    return f"{fallback}-{slug}" if is_uuid(slug) else slug


def first_free(slug: str, taken: Collection[str]) -> str:
    """The slug itself, or the first of slug-2, slug-3 and so on that is not taken."""
    numbered = (f"{slug}-{number}" for number in count(2))
    return next(candidate for candidate in chain([slug], numbered) if candidate not in taken)


def new_sku() -> str:
    """A SKU nobody has: 40 random bits."""
    return "DC-" + "".join(secrets.choice(_SKU_ALPHABET) for _ in range(8))


def is_uuid(text: str) -> bool:
    """Whether this is the usual writing of a UUID, and so can be no slug."""
    return _UUID.fullmatch(text) is not None


def named_by(model: type[Product | Category], reference: str) -> ColumnElement[bool]:
    """The condition for the row that a reference names; what can name nothing matches nothing."""
    if is_uuid(reference):
        return model.id == UUID(reference)
    if _SLUG.fullmatch(reference):
        return model.slug == reference
    return false()
