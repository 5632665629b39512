"""Expected refusals of the database, in the shop's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from diecast_api.catalog.errors import SkuTaken, SlugTaken
from diecast_api.catalog.models import Category
from diecast_api.errors import Invalid, PreconditionFailed
from diecast_api.extensions import db


@contextmanager
def named_conflicts(values: dict[str, Any]) -> Iterator[None]:
    """Flush what is changed inside; a name somebody else has is `SkuTaken` or `SlugTaken`."""
    try:
        yield
        db.session.flush()
    except IntegrityError as error:
        constraint = constraint_of(error)
        if constraint == "uq_products_sku_lower":
            raise SkuTaken(sku=values["sku"]) from error
        if constraint in ("uq_products_slug", "uq_categories_slug"):
            raise SlugTaken(slug=values["slug"]) from error
        raise


def constraint_of(error: IntegrityError) -> str | None:
    """The name of the constraint that was violated."""
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


def refuse_other_version(present: int, expected: int | None) -> None:
    """Refuse a change of what was changed meanwhile; call it under the row's lock.

    Raises:
        PreconditionFailed: carries the present `version`.
    """
    if expected is not None and expected != present:
        raise PreconditionFailed(version=present)


def hold_category(category_id: UUID | None, *, field: str) -> None:
    """Keep a category that is to be referred to from being deleted while this unit of work lasts.

    Raises:
        Invalid: there is no such category; `field` is named as wrong.
    """
    if category_id is None:
        return
    hold = select(Category.id).where(Category.id == category_id)
    if db.session.scalar(hold.with_for_update(read=True, key_share=True)) is None:
        raise Invalid(errors={field: ["No such category."]})
