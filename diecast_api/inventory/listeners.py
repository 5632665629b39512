"""What the inventory does when the catalogue tells it something."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from diecast_api.actors import Actor
from diecast_api.catalog.events import product_created
from diecast_api.inventory.service import receive_initial


def listen() -> None:
    """Listen to the catalogue. The same twice."""
    product_created.connect(_stock_new_product)


def _stock_new_product(
    _sender: Any, *, product_id: UUID, initial_stock: int, actor: Actor, **_: Any
) -> None:
    receive_initial(product_id, initial_stock, actor)
