"""Changing the tree of categories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from diecast_api.catalog.errors import CategoryCycle, CategoryNotEmpty, SlugTaken
from diecast_api.catalog.models import Category, Product
from diecast_api.catalog.naming import first_free, slug_from
from diecast_api.catalog.service.conflicts import (
    hold_category,
    named_conflicts,
    refuse_other_version,
)
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.unit_of_work import locked, unit_of_work

# Advisory lock: moves in the tree happen one after the other, or two of them could make a ring.
_TREE_LOCK = 0x63617465676F7279


def create(values: dict[str, Any]) -> UUID:
    """Add a category; a slug is made from its name where none is given. Returns its id.

    Raises:
        Invalid: there is no such parent.
        SlugTaken: the slug that was asked for is in use.
    """
    with unit_of_work():
        hold_category(values.get("parent_id"), field="parent_id")
        while True:
            slug = values.get("slug") or _free_slug(values["name"])
            category_id: UUID | None = db.session.scalar(
                insert(Category)
                .values({**values, "slug": slug})
                .on_conflict_do_nothing()
                .returning(Category.id)
            )
            if category_id is not None:
                return category_id
            if "slug" in values:
                raise SlugTaken(slug=slug)


def change(category_id: UUID, values: dict[str, Any], *, expected_version: int | None) -> None:
    """Change fields of a category; a changed `parent_id` moves it with all below it.

    Raises:
        NotFound: there is no such category.
        PreconditionFailed: it has another version than the expected one.
        Invalid: there is no such parent.
        CategoryCycle: the parent lies below it, or is itself.
        SlugTaken: the slug is in use.
    """
    with unit_of_work():
        if "parent_id" in values:
            db.session.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))
        category = locked(Category, category_id)
        if category is None:
            raise NotFound
        refuse_other_version(category.version, expected_version)
        parent_id = values.get("parent_id")
        if parent_id is not None:
            hold_category(parent_id, field="parent_id")
            if category_id in _self_and_above(parent_id):
                raise CategoryCycle
        with named_conflicts(values):
            for name, value in values.items():
                setattr(category, name, value)
            if db.session.is_modified(category):
                category.version += 1


def remove(category_id: UUID) -> None:
    """Delete an empty category. Archived products, which nobody sees there, leave it silently.

    Raises:
        NotFound: there is no such category.
        CategoryNotEmpty: products or categories lie in it.
    """
    with unit_of_work():
        if locked(Category, category_id) is None:
            raise NotFound
        db.session.execute(
            update(Product)
            .where(Product.category_id == category_id, Product.archived_at.is_not(None))
            .values(category_id=None, updated_at=Product.updated_at)
        )
        try:
            db.session.execute(delete(Category).where(Category.id == category_id))
        except IntegrityError as error:
            raise CategoryNotEmpty from error


def _free_slug(name: str) -> str:
    slug = slug_from(name, fallback="category")
    taken = db.session.scalars(select(Category.slug).where(Category.slug.startswith(slug)))
    return first_free(slug, set(taken))


def _self_and_above(category_id: UUID) -> set[UUID]:
    above = (
        select(Category.id, Category.parent_id)
        .where(Category.id == category_id)
        .cte("above", recursive=True)
    )
    above = above.union(
        select(Category.id, Category.parent_id).where(Category.id == above.c.parent_id)
    )
    return set(db.session.scalars(select(above.c.id)))
