"""Reading the ledger and the shelves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from diecast_api.catalog.models import Product
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.inventory.models import StockMovement
from diecast_api.paging import Order, Page, paginate


def movements(product_id: UUID, arguments: dict[str, Any]) -> Page:
    """The movements of a product, newest first.

    Raises:
        NotFound: there is no such product.
    """
    if db.session.get(Product, product_id) is None:
        raise NotFound
    newest_first = Order("movements", StockMovement.sequence, StockMovement.id, True, int)
    statement = sa.select(*StockMovement.__table__.c).where(StockMovement.product_id == product_id)
    return paginate(db.session(), statement, newest_first, arguments)


def low_stock_ids(threshold: int, arguments: dict[str, Any]) -> Page:
    """Products, drafts too, with at most `threshold` left, the scarcest first."""
    scarcest_first = Order("low_stock", Product.stock, Product.id, False, int)
    statement = sa.select(Product.id).where(
        Product.stock <= threshold, Product.archived_at.is_(None)
    )
    return paginate(db.session(), statement, scarcest_first, arguments)
