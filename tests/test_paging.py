"""Pages of statements, whatever they filter by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from diecast_api.paging import Order, paginate


@pytest.mark.parametrize("conditions", [[], [Product.price > 0]], ids=["all", "filtered"])
def test_counts_every_row(
    make_product: Callable[..., dict[str, Any]], conditions: list[sa.ColumnElement[bool]]
) -> None:
    for _ in range(3):
        make_product()
    by_price = Order("price", Product.price, Product.id, descending=False, parse=int)
    page = paginate(
        db.session(), sa.select(Product).where(*conditions), by_price, {"page": 1, "per_page": 2}
    )
    assert len(page.rows) == 2
    assert page.pagination["total"] == 3
    assert page.pagination["pages"] == 2
