"""Names that many ask for at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from diecast_api import actors
from diecast_api.catalog.errors import SkuTaken
from diecast_api.catalog.service import products as service
from diecast_api.errors import PreconditionFailed

CROWD = 8


def at_once(app: Flask, work: Callable[[], Any]) -> list[Any]:
    """What each of a crowd gets from the same work, begun at the same moment."""
    start = threading.Barrier(CROWD)
    results: list[Any] = []

    def one() -> None:
        with app.app_context():
            start.wait()
            try:
                results.append(work())
            except Exception as error:
                results.append(type(error))

    threads = [threading.Thread(target=one) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def values(**fields: Any) -> dict[str, Any]:
    return {"name": "Honda Civic", "price": 1, **fields}


def test_products_of_one_name_all_get_a_slug(app: Flask, window: Callable[..., list[str]]) -> None:
    ids = at_once(app, lambda: service.create(values(), stock=1, actor=actors.SYSTEM))
    assert len(set(ids)) == CROWD
    assert len(window()) == CROWD


def test_a_sku_goes_to_one(app: Flask, window: Callable[..., list[str]]) -> None:
    results = at_once(
        app, lambda: service.create(values(sku="HW-17"), stock=1, actor=actors.SYSTEM)
    )
    assert results.count(SkuTaken) == CROWD - 1
    assert len(window()) == 1


def test_an_edit_of_one_version_is_made_once(app: Flask, database: None) -> None:
    product_id = service.create(values(), stock=1, actor=actors.SYSTEM)
    prices = iter(range(100, 200))
    results = at_once(
        app, lambda: service.change(product_id, {"price": next(prices)}, expected_version=1)
    )
    assert results.count(None) == 1
    assert results.count(PreconditionFailed) == CROWD - 1
