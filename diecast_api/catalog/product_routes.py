"""The door to products."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from diecast_api import actors
from diecast_api.accounts.permissions import Permission
from diecast_api.catalog import queries
from diecast_api.catalog.errors import SkuTaken, SlugTaken
from diecast_api.catalog.schemas import (
    ChangeProduct,
    CreateProduct,
    ProductListArguments,
    ProductListOut,
    ProductOut,
)
from diecast_api.catalog.service import products as service
from diecast_api.errors import Forbidden, Invalid, NotFound, PreconditionFailed, Unauthenticated
from diecast_api.web.auth import current_user, is_staff, public, staff
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.caching import IfMatchHeader, cacheable, vary_by_caller

blueprint = Blueprint(
    "products", __name__, url_prefix="/products", description="The shop window, and its upkeep."
)


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(ProductListArguments, location="query")
@blueprint.response(200, ProductListOut)
@blueprint.problems(Invalid)
@blueprint.doc(operationId="listProducts")
def list_products(arguments: dict[str, Any]) -> dict[str, Any]:
    """List products

    Only what is published. Repeat a filter to take any of its values; different filters add up. `q`
    takes words in any order, each at least by its beginning.
    """
    return queries.list_products(arguments["filters"], arguments["sort"], arguments)


@blueprint.get("/<reference>")
@public
@cacheable
@blueprint.response(200, ProductOut)
@blueprint.problems(NotFound)
@blueprint.doc(operationId="getProduct")
def show_product(reference: str) -> dict[str, Any]:
    """Show a product by its id or slug

    Drafts and archived products are found by staff alone.
    """
    try:
        return queries.product_on_sale(reference)
    except NotFound:
        if not is_staff(Permission.CATALOG_WRITE):
            raise
    vary_by_caller(is_private=True)
    return queries.product_for_staff(reference)


@blueprint.post("")
@staff(Permission.CATALOG_WRITE)
@blueprint.arguments(CreateProduct)
@blueprint.response(201, ProductOut)
@blueprint.problems(Unauthenticated, Forbidden, Invalid, SkuTaken, SlugTaken)
@blueprint.doc(operationId="createProduct")
def create_product(values: dict[str, Any]) -> dict[str, Any]:
    """Create a product"""
    stock = values.pop("stock")
    product_id = service.create(values, stock=stock, actor=actors.staff(current_user().id))
    return queries.product_for_staff(str(product_id))


@blueprint.patch("/<uuid:product_id>")
@staff(Permission.CATALOG_WRITE)
@blueprint.arguments(IfMatchHeader, location="headers")
@blueprint.arguments(ChangeProduct)
@blueprint.response(200, ProductOut)
@blueprint.problems(
    Unauthenticated, Forbidden, NotFound, SkuTaken, SlugTaken, PreconditionFailed, Invalid
)
@blueprint.doc(operationId="changeProduct")
def change_product(
    headers: dict[str, Any], values: dict[str, Any], product_id: UUID
) -> dict[str, Any]:
    """Change a product

    Only the fields that are sent; null clears. Stock is corrected under `/admin/products`.
    """
    service.change(product_id, values, expected_version=headers["if_match"])
    return queries.product_for_staff(str(product_id))


@blueprint.delete("/<uuid:product_id>")
@staff(Permission.CATALOG_WRITE)
@blueprint.response(204)
@blueprint.problems(Unauthenticated, Forbidden, NotFound)
@blueprint.doc(operationId="archiveProduct")
def archive_product(product_id: UUID) -> None:
    """Archive a product: it leaves the shop window, orders keep it"""
    service.archive(product_id)
