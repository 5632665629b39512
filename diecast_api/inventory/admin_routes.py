"""The staff's door to stock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from diecast_api import actors
from diecast_api.accounts.permissions import Permission
from diecast_api.catalog import queries as catalog
from diecast_api.catalog.schemas import ProductListOut, ProductOut
from diecast_api.errors import Invalid, NotFound
from diecast_api.inventory import queries, service
from diecast_api.inventory.errors import InsufficientStock
from diecast_api.inventory.models import CorrectionReason
from diecast_api.inventory.schemas import CorrectStock, LowStockArguments, MovementListOut
from diecast_api.web.auth import current_user, staff
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.pagination import PageArguments

blueprint = Blueprint(
    "admin-inventory", __name__, url_prefix="/admin", description="Stock, for staff."
)


@blueprint.post("/products/<uuid:product_id>/stock")
@staff(Permission.STOCK_WRITE)
@blueprint.arguments(CorrectStock)
@blueprint.response(200, ProductOut)
@blueprint.problems(Invalid, NotFound, InsufficientStock)
@blueprint.doc(operationId="adminCorrectStock")
def correct(body: dict[str, Any], product_id: UUID) -> Any:
    """Correct the stock of a product

    By a difference (`delta`) or to a counted number (`set_to`), with a reason for the ledger.
    """
    reason = CorrectionReason(body.pop("reason"))
    actor = actors.staff(current_user().id)
    service.correct(product_id, reason=reason, actor=actor, **body)
    return catalog.product_for_staff(str(product_id))


@blueprint.get("/products/<uuid:product_id>/stock-movements")
@staff(Permission.STOCK_WRITE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, MovementListOut)
@blueprint.problems(Invalid, NotFound)
@blueprint.doc(operationId="adminListStockMovements")
def list_movements(arguments: dict[str, Any], product_id: UUID) -> dict[str, Any]:
    """List the movements of a product's stock, newest first"""
    return queries.movements(product_id, arguments).document(lambda row: row)


@blueprint.get("/inventory/low-stock")
@staff(Permission.STOCK_WRITE)
@blueprint.arguments(LowStockArguments, location="query")
@blueprint.response(200, ProductListOut)
@blueprint.problems(Invalid)
@blueprint.doc(operationId="adminListLowStock")
def list_low_stock(arguments: dict[str, Any]) -> dict[str, Any]:
    """List the products that are running out, the scarcest first"""
    page = queries.low_stock_ids(arguments["threshold"], arguments)
    products = catalog.list_items([row.id for row in page.rows])
    return page.document(lambda row: products[row.id].document())
