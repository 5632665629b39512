"""Pages and cursors walk the same order, whatever is sorted by and whoever adds products."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from diecast_api.orm import new_id

URL = "/api/v1/products"
SORTS = ["newest", "price", "-price", "name", "-name", "best_selling", "relevance"]
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def put_on_sale(count: int, prices: list[int] | None = None) -> None:
    """Products with many ties in whatever they can be sorted by."""
    rows = [
        {
            "sku": f"SKU-{new_id()}",
            "slug": f"model-{new_id().hex}x",
            "name": f"Model {'ABCab'[n % 5]}",
            "description": "model " * (n % 3),
            "price": prices[n] if prices else 1 + n % 4,
            "units_ordered": n % 2,
            "published_at": LONG_AGO + timedelta(days=n % 3),
        }
        for n in range(count)
    ]
    with db.engine.begin() as connection:
        connection.execute(sa.insert(Product), rows)


def walk(client: FlaskClient, sort: str, per_page: int, by: str) -> list[str]:
    """All ids, page by page or from cursor to cursor."""
    query: dict[str, Any] = {"sort": sort, "per_page": per_page}
    if sort == "relevance":
        query["q"] = "model"
    ids: list[str] = []
    page = 1
    while True:
        answer = client.get(URL, query_string=query).json
        ids += [item["id"] for item in answer["items"]]
        cursor = answer["pagination"]["next_cursor"]
        if cursor is None:
            return ids
        page += 1
        query[by] = page if by == "page" else cursor


@pytest.mark.parametrize("sort", SORTS)
def test_pages_and_cursors_agree(client: FlaskClient, sort: str) -> None:
    put_on_sale(23)
    by_page, by_cursor = (walk(client, sort, 5, by) for by in ("page", "cursor"))
    assert by_page == by_cursor
    assert len(set(by_page)) == 23
    assert walk(client, sort, 100, "page") == by_page


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    prices=st.lists(st.integers(1, 5), min_size=1, max_size=25),
    per_page=st.integers(1, 7),
    sort=st.sampled_from(SORTS),
)
def test_every_product_is_met_once(
    app: Flask, client: FlaskClient, prices: list[int], per_page: int, sort: str
) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.delete(Product))
    put_on_sale(len(prices), prices)
    ids = walk(client, sort, per_page, "cursor")
    assert len(ids) == len(set(ids)) == len(prices)
    assert walk(client, sort, per_page, "page") == ids


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_meets_nobody_twice_while_products_are_added(
    client: FlaskClient, sort: str
) -> None:
    put_on_sale(20)
    present = set(walk(client, sort, 100, "page"))
    query: dict[str, Any] = {"sort": sort, "per_page": 6}
    if sort == "relevance":
        query["q"] = "model"
    met: list[str] = []
    while True:
        answer = client.get(URL, query_string=query).json
        met += [item["id"] for item in answer["items"]]
        if answer["pagination"]["next_cursor"] is None:
            break
        query["cursor"] = answer["pagination"]["next_cursor"]
        put_on_sale(3) if len(met) < 30 else None
    assert len(met) == len(set(met))
    assert present <= set(met)


def test_the_pagination_tells_where_one_is(client: FlaskClient) -> None:
    put_on_sale(12)
    first = client.get(f"{URL}?per_page=5").json["pagination"]
    assert (first["page"], first["total"], first["pages"]) == (1, 12, 3)
    second = client.get(f"{URL}?per_page=5&cursor={first['next_cursor']}").json["pagination"]
    assert (second["page"], second["total"], second["pages"]) == (None, 12, 3)
    last = client.get(f"{URL}?per_page=5&page=3").json
    assert (len(last["items"]), last["pagination"]["next_cursor"]) == (2, None)
    beyond = client.get(f"{URL}?per_page=5&page=4").json
    assert (beyond["items"], beyond["pagination"]["next_cursor"]) == ([], None)


def forged(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


ID = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("sort", "document"),
    [
        ("price", ["newest", 5, ID]),
        ("price", ["price", "five", ID]),
        ("price", ["price", None, ID]),
        ("price", ["price", 5, "nobody"]),
        ("price", ["price", 5, None]),
        ("price", ["price", 5]),
        ("price", {"price": 5}),
        ("price", "price"),
        ("price", ["price", [1], ID]),
        ("newest", ["newest", "yesterday", ID]),
        ("newest", ["newest", 5, ID]),
        ("name", ["name", "a\u0000b", ID]),
    ],
)
def test_a_forged_cursor_is_refused(client: FlaskClient, sort: str, document: Any) -> None:
    put_on_sale(2)
    refused = client.get(URL, query_string={"sort": sort, "cursor": forged(document)})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("sort", "document"),
    [
        ("price", ["price", 10**18, ID]),
        ("price", ["price", 10**40, ID]),
        ("price", ["price", -(10**40), ID]),
        ("price", ["price", 1e300, ID]),
        ("newest", ["newest", "0001-01-01T00:00:00+14:00", ID]),
        ("newest", ["newest", "9999-12-31T23:59:59", ID]),
        ("name", ["name", "'; --", ID]),
        ("name", ["name", 5, ID]),
    ],
)
def test_a_strange_cursor_never_breaks_the_shop(
    client: FlaskClient, sort: str, document: Any
) -> None:
    put_on_sale(2)
    answer = client.get(URL, query_string={"sort": sort, "cursor": forged(document)})
    assert answer.status_code in (200, 422)
