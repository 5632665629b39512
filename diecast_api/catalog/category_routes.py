"""The door to categories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from diecast_api.accounts.permissions import Permission
from diecast_api.catalog import category_queries as queries
from diecast_api.catalog.errors import CategoryCycle, CategoryNotEmpty, SlugTaken
from diecast_api.catalog.schemas import (
    CategoryDetailOut,
    CategoryListOut,
    ChangeCategory,
    CreateCategory,
)
from diecast_api.catalog.service import categories as service
from diecast_api.errors import Forbidden, Invalid, NotFound, PreconditionFailed, Unauthenticated
from diecast_api.web.auth import public, staff
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.caching import IfMatchHeader, cacheable

blueprint = Blueprint(
    "categories", __name__, url_prefix="/categories", description="The tree of categories."
)


@blueprint.get("")
@public
@cacheable
@blueprint.response(200, CategoryListOut)
@blueprint.doc(operationId="listCategories")
def list_categories() -> dict[str, Any]:
    """List all categories

    Flat, parents before what lies below them. Counts are of published products, all below included.
    """
    return {"items": queries.all_categories()}


@blueprint.get("/<reference>")
@public
@cacheable
@blueprint.response(200, CategoryDetailOut)
@blueprint.problems(NotFound)
@blueprint.doc(operationId="getCategory")
def show_category(reference: str) -> dict[str, Any]:
    """Show a category by its id or slug, with its path and its children"""
    return queries.category(reference)


@blueprint.post("")
@staff(Permission.CATALOG_WRITE)
@blueprint.arguments(CreateCategory)
@blueprint.response(201, CategoryDetailOut)
@blueprint.problems(Unauthenticated, Forbidden, Invalid, SlugTaken)
@blueprint.doc(operationId="createCategory")
def create_category(values: dict[str, Any]) -> dict[str, Any]:
    """Create a category"""
    return queries.category(str(service.create(values)))


@blueprint.patch("/<uuid:category_id>")
@staff(Permission.CATALOG_WRITE)
@blueprint.arguments(IfMatchHeader, location="headers")
@blueprint.arguments(ChangeCategory)
@blueprint.response(200, CategoryDetailOut)
@blueprint.problems(
    Unauthenticated, Forbidden, NotFound, SlugTaken, CategoryCycle, PreconditionFailed, Invalid
)
@blueprint.doc(operationId="changeCategory")
def change_category(
    headers: dict[str, Any], values: dict[str, Any], category_id: UUID
) -> dict[str, Any]:
    """Change or move a category

    A changed `parent_id` moves it with everything below it; null makes it a root.
    """
    service.change(category_id, values, expected_version=headers["if_match"])
    return queries.category(str(category_id))


@blueprint.delete("/<uuid:category_id>")
@staff(Permission.CATALOG_WRITE)
@blueprint.response(204)
@blueprint.problems(Unauthenticated, Forbidden, NotFound, CategoryNotEmpty)
@blueprint.doc(operationId="deleteCategory")
def delete_category(category_id: UUID) -> None:
    """Delete an empty category"""
    service.remove(category_id)
