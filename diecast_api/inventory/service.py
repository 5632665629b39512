"""The scarce thing. Nobody else writes `products.stock`.

Every change is a movement in the ledger, written by the same statement as the stock itself.
Products are locked in the order of their ids, so that two baskets cannot dead-lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from diecast_api.actors import Actor
from diecast_api.catalog.models import Product
from diecast_api.errors import Invalid, NotFound
from diecast_api.extensions import db
from diecast_api.inventory.errors import InsufficientStock, OutOfStock
from diecast_api.inventory.models import CorrectionReason, MovementType, StockMovement
from diecast_api.logs import bound_request_id
from diecast_api.orm import new_id, utc_now
from diecast_api.unit_of_work import unit_of_work

MAX_QUANTITY = 1_000_000

_TYPE_OF_CORRECTION = {
    CorrectionReason.RECEIVED: MovementType.RECEIVED,
    CorrectionReason.RETURNED: MovementType.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why stock moves: the kind of movement, who moved it, and for what."""

    type: MovementType
    actor: Actor
    order_id: UUID | None = None
    reason: str | None = None
    note: str | None = None


def take(quantities: Mapping[UUID, int], *, order_id: UUID, actor: Actor) -> None:
    """Take `{product_id: quantity}` out of stock for an order, all of it or none of it.

    Two buyers of the last unit meet at the lock of its row: the second reads what the first left.

    Raises:
        OutOfStock: names every product of which there is too little; nothing was taken.
    """
    with unit_of_work():
        stock = _locked_stock(quantities)
        short = [
            {"product_id": product_id, "requested": quantity, "available": stock.get(product_id, 0)}
            for product_id, quantity in quantities.items()
            if stock.get(product_id, 0) < quantity
        ]
        if short:
            raise OutOfStock(items=short)
        _move(
            {product_id: -quantity for product_id, quantity in quantities.items()},
            Cause(MovementType.ORDERED, actor, order_id),
        )


def release(quantities: Mapping[UUID, int], *, order_id: UUID, actor: Actor) -> None:
    """Give back what an order had taken. The caller sees to it that this happens once."""
    with unit_of_work():
        _locked_stock(quantities)
        _move(quantities, Cause(MovementType.RELEASED, actor, order_id))


def receive_initial(product_id: UUID, quantity: int, actor: Actor) -> None:
    """Write the first stock of a new product into the ledger."""
    if quantity:
        with unit_of_work():
            _move({product_id: quantity}, Cause(MovementType.RECEIVED, actor, reason="received"))


def correct(
    product_id: UUID,
    *,
    reason: CorrectionReason,
    actor: Actor,
    delta: int | None = None,
    set_to: int | None = None,
    note: str | None = None,
) -> None:
    """Correct the stock of a product, by a difference or to a counted number.

    A count that finds what the books say moves nothing.

    Raises:
        NotFound: there is no such product.
        InsufficientStock: the difference would leave less than nothing.
        Invalid: it would leave more than `MAX_QUANTITY`.
    """
    with unit_of_work():
        stock = _locked_stock([product_id])
        if product_id not in stock:
            raise NotFound
        present = stock[product_id]
        change = set_to - present if set_to is not None else (delta or 0)
        if present + change < 0:
            raise InsufficientStock(available=present)
        if change > 0 and present + change > MAX_QUANTITY:
            raise Invalid(errors={"delta": [f"Would leave more than {MAX_QUANTITY}."]})
        if change == 0:
            return
        movement = _TYPE_OF_CORRECTION.get(reason, MovementType.ADJUSTED)
        if change < 0:
            movement = MovementType.ADJUSTED
        _move({product_id: change}, Cause(movement, actor, reason=reason, note=note))


def _locked_stock(product_ids: Mapping[UUID, int] | list[UUID]) -> dict[UUID, int]:
    """Lock products in the order of their ids, and read their stock.

    `FOR NO KEY UPDATE`: the foreign keys of order lines hold a share of the product's key, which
    `FOR UPDATE` would wait for, and two orders would wait for each other.
    """
    rows = db.session.execute(
        sa.select(Product.id, Product.stock)
        .where(Product.id.in_(list(product_ids)))
        .order_by(Product.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row.stock for row in rows}


def _move(deltas: Mapping[UUID, int], cause: Cause) -> None:
    """Change stock and write the ledger, in one statement; the rows are locked already.

    Should the lock be forgotten one day, the check constraint on `products.stock` still holds.
    """
    change = sa.values(
        sa.column("movement_id", sa.Uuid),
        sa.column("product_id", sa.Uuid),
        sa.column("delta", sa.Integer),
        name="change",
    ).data([(new_id(), product_id, delta) for product_id, delta in sorted(deltas.items())])
    is_for_order = cause.type in (MovementType.ORDERED, MovementType.RELEASED)
    ordered = Product.units_ordered - change.c.delta if is_for_order else Product.units_ordered
    moved = (
        sa.update(Product)
        .where(Product.id == change.c.product_id)
        .values(
            stock=Product.stock + change.c.delta,
            units_ordered=ordered,
            updated_at=Product.updated_at,
        )
        .returning(
            change.c.movement_id, Product.id.label("product_id"), change.c.delta, Product.stock
        )
        .cte("moved")
    )
    constants: dict[str, Any] = {
        "type": cause.type.value,
        "reason": cause.reason,
        "note": cause.note,
        "order_id": cause.order_id,
        "actor": cause.actor.kind,
        "actor_id": cause.actor.user_id,
        "request_id": bound_request_id(),
        "at": utc_now(),
    }
    ledger = StockMovement.__table__.c
    db.session.execute(
        sa.insert(StockMovement).from_select(
            ["id", "product_id", "delta", "balance", *constants],
            sa.select(
                moved.c.movement_id,
                moved.c.product_id,
                moved.c.delta,
                moved.c.stock,
                *(sa.literal(value, ledger[name].type) for name, value in constants.items()),
            ).order_by(moved.c.product_id),
            include_defaults=False,
        )
    )
