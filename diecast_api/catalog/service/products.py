"""Creating, changing and archiving products."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from diecast_api.actors import Actor
from diecast_api.catalog.errors import SkuTaken, SlugTaken
from diecast_api.catalog.events import product_created
from diecast_api.catalog.models import Product
from diecast_api.catalog.naming import RESERVED_SLUGS, first_free, new_sku, slug_from
from diecast_api.catalog.service.conflicts import (
    hold_category,
    named_conflicts,
    refuse_other_version,
)
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.orm import utc_now
from diecast_api.unit_of_work import locked, unit_of_work


def create(values: dict[str, Any], *, stock: int, actor: Actor) -> UUID:
    """Add a product with its first stock (units); returns its id.

    A SKU and a slug are made where none is given. Without `published_at` it is published at once.

    Raises:
        Invalid: there is no such category.
        SkuTaken, SlugTaken: what was asked for is in use.
    """
    with unit_of_work():
        hold_category(values.get("category_id"), field="category_id")
        product_id = _inserted({"published_at": func.now(), **values})
        product_created.send(Product, product_id=product_id, initial_stock=stock, actor=actor)
    return product_id


def change(product_id: UUID, values: dict[str, Any], *, expected_version: int | None) -> None:
    """Change fields of a product that is not archived.

    Raises:
        NotFound: there is no such product, or it is archived.
        PreconditionFailed: it has another version than the expected one.
        Invalid: there is no such category.
        SkuTaken, SlugTaken: what was asked for is in use.
    """
    with unit_of_work():
        product = _locked_unless_archived(product_id)
        refuse_other_version(product.version, expected_version)
        hold_category(values.get("category_id"), field="category_id")
        with named_conflicts(values):
            for name, value in values.items():
                setattr(product, name, value)
            if db.session.is_modified(product):
                product.version += 1


def archive(product_id: UUID) -> None:
    """Take a product out of the shop for good; orders keep it.

    Raises:
        NotFound: there is no such product, or it is archived already.
    """
    with unit_of_work():
        product = _locked_unless_archived(product_id)
        product.archived_at = utc_now()
        product.version += 1


def _locked_unless_archived(product_id: UUID) -> Product:
    product = locked(Product, product_id)
    if product is None or product.archived_at is not None:
        raise NotFound
    return product


def _inserted(values: dict[str, Any]) -> UUID:
    """Insert, and where a name that we made was taken meanwhile, make another one."""
    while True:
        names = {
            "sku": values.get("sku") or new_sku(),
            "slug": values.get("slug") or _free_slug(values["name"]),
        }
        product_id: UUID | None = db.session.scalar(
            insert(Product)
            .values({**values, **names})
            .on_conflict_do_nothing()
            .returning(Product.id)
        )
        if product_id is not None:
            return product_id
        if "sku" in values and _exists(func.lower(Product.sku) == func.lower(values["sku"])):
            raise SkuTaken(sku=values["sku"])
        if "slug" in values and _exists(Product.slug == values["slug"]):
            raise SlugTaken(slug=values["slug"])


def _exists(condition: Any) -> bool:
    return db.session.scalar(select(Product.id).where(condition)) is not None


def _free_slug(name: str) -> str:
    slug = slug_from(name, fallback="model")
    taken = db.session.scalars(select(Product.slug).where(Product.slug.startswith(slug)))
    return first_free(slug, RESERVED_SLUGS.union(taken))
