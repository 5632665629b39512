"""What carts do when the accounts tell them something."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from diecast_api.accounts.events import signed_in
from diecast_api.carts.merge import merge_guest_cart


def listen() -> None:
    """Listen to the accounts. The same twice."""
    signed_in.connect(_take_over_guest_cart)


def _take_over_guest_cart(_sender: Any, *, user_id: UUID, cart_token: str | None, **_: Any) -> None:
    if cart_token is not None:
        merge_guest_cart(user_id, cart_token)
