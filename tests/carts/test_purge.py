"""Carts that are forgotten when their time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.carts import service as carts
from diecast_api.carts.models import Cart
from diecast_api.extensions import db
from diecast_api.orm import utc_now
from tests.carts.shopper import Shopper


def test_only_old_carts_of_guests_are_forgotten(
    client: FlaskClient, buyer: Shopper, make_product: Callable[..., dict[str, Any]]
) -> None:
    car = make_product()
    old, recent = Shopper(client), Shopper(client)
    for shopper in (old, buyer):
        shopper.add(car)
    with db.engine.begin() as connection:
        long_ago = utc_now() - carts.GUEST_CARTS_KEPT_FOR - timedelta(minutes=1)
        connection.execute(sa.update(Cart).values(updated_at=long_ago))
    recent.add(car)
    assert carts.purge() == 1
    assert carts.purge() == 0
    assert old.cart()["items"] == []
    assert recent.quantities() == buyer.quantities() == {car["name"]: 1}
