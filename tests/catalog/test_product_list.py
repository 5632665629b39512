"""The shop window: filters, search and order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from tests.catalog.test_products import LIST_ITEM
from tests.support.people import Person

MakeCategory = Callable[..., dict[str, Any]]
MakeProduct = Callable[..., dict[str, Any]]
Window = Callable[..., list[str]]
URL = "/api/v1/products"


@pytest.fixture
def shelf(make_product: MakeProduct, make_category: MakeCategory) -> dict[str, dict[str, Any]]:
    """Four models in a tree of three categories; returns the categories by name."""
    sport = make_category("Sport")
    italian = make_category("Italian", parent_id=sport["id"])
    trucks = make_category("Trucks")
    make_product(
        "Ferrari F40", brand="Hot Wheels", scale="1:64", marque="Ferrari", series="Car Culture",
        condition="new", price=85_000, stock=4, category_id=italian["id"], sku="HW-2024/17",
    )  # fmt: skip
    make_product(
        "Nissan Skyline GT-R (R34)", brand="Mini GT", scale="1:64", marque="Nissan",
        condition="used", price=250_000, stock=0, category_id=sport["id"],
    )  # fmt: skip
    make_product(
        "Scania R730", brand="Tekno", scale="1:50", marque="Scania", condition="new",
        price=1_900_000, stock=1, category_id=trucks["id"],
        description="Truk gandeng buatan Belanda",
    )  # fmt: skip
    make_product("ferrari 250 GTO", brand="hot wheels", scale="1:18", price=90_000, stock=2)
    return {"sport": sport, "italian": italian, "trucks": trucks}


def test_items_have_the_shape_of_the_contract(client: FlaskClient, make_product: Any) -> None:
    product = make_product(brand="Tomica", scale="1:64", stock=0)
    answer = client.get(URL).json
    assert answer["items"] == [{name: product[name] for name in LIST_ITEM}]
    assert answer["items"][0]["in_stock"] is False
    assert answer["pagination"] == {
        "page": 1, "per_page": 20, "total": 1, "pages": 1, "next_cursor": None,
    }  # fmt: skip


def test_only_what_is_published_is_listed(
    client: FlaskClient, owner: Person, make_product: MakeProduct, window: Window
) -> None:
    make_product("On sale")
    make_product("Draft", published_at=None)
    make_product("To come", published_at="2099-01-01T00:00:00Z")
    gone = make_product("Archived")
    client.delete(f"{URL}/{gone['id']}", headers=owner.headers)
    assert window() == ["On sale"]
    assert client.get(URL, headers=owner.headers).json["pagination"]["total"] == 1


F40, R34, SCANIA, GTO = (
    "Ferrari F40",
    "Nissan Skyline GT-R (R34)",
    "Scania R730",
    "ferrari 250 GTO",
)


FOUND_BY: list[tuple[str, set[str]]] = [
    ("", {F40, R34, SCANIA, GTO}),
    ("brand=Hot Wheels", {F40, GTO}),
    ("brand=Tekno&brand=Mini GT", {R34, SCANIA}),
    ("brand=Hot", set()),
    ("scale=1:64", {F40, R34}),
    ("scale=1/64&scale=1:18", {F40, R34, GTO}),
    ("marque=scania", {SCANIA}),
    ("series=Car Culture", {F40}),
    ("condition=new", {F40, SCANIA}),
    ("condition=new&brand=Hot Wheels", {F40}),
    ("min_price=90000", {R34, SCANIA, GTO}),
    ("max_price=90000", {F40, GTO}),
    ("min_price=90000&max_price=250000", {R34, GTO}),
    ("min_price=5&max_price=4", set()),
    ("in_stock=true", {F40, SCANIA, GTO}),
    ("in_stock=false", {R34}),
    ("category=sport", {F40, R34}),
    ("category=italian", {F40}),
    ("category=italian&category=trucks", {F40, SCANIA}),
    ("category=sport&category=italian", {F40, R34}),
    ("category=nothing-of-this-name", set()),
    ("category=%F0%9F%9A%97", set()),
    ("q=ferrari", {F40, GTO}),
    ("q=FERRARI", {F40, GTO}),
    ("q=ferr", {F40, GTO}),
    ("q=f40 ferrari", {F40}),
    ("q=wheels hot", {F40, GTO}),
    ("q=r34", {R34}),
    ("q=gt-r", {R34}),
    ("q=1:64", {F40, R34}),
    ("q=1/64", {F40, R34}),
    ("q=hw-2024/17", {F40}),
    ("q=2024", {F40}),
    ("q=truk belanda", {SCANIA}),
    ("q=ferrari scania", set()),
    ("q=", {F40, R34, SCANIA, GTO}),
    ("q=   ", {F40, R34, SCANIA, GTO}),
    ("q=!!!", set()),
    ("q=ferrari&max_price=85000", {F40}),
]


def test_filters(client: FlaskClient, shelf: dict[str, Any], window: Window) -> None:
    for query, found in FOUND_BY:
        assert set(window(query)) == found, query
        assert client.get(f"{URL}?{query}").json["pagination"]["total"] == len(found), query


def test_a_category_may_be_named_by_its_id(shelf: dict[str, Any], window: Window) -> None:
    assert set(window(f"category={shelf['sport']['id']}")) == {F40, R34}
    assert window("category=01890000-0000-7000-8000-000000000000") == []


def test_orders(shelf: dict[str, Any], window: Window) -> None:
    for sort, names in {
        "newest": [GTO, SCANIA, R34, F40],
        "price": [F40, GTO, R34, SCANIA],
        "-price": [SCANIA, R34, GTO, F40],
        "name": [GTO, F40, R34, SCANIA],
        "-name": [SCANIA, R34, F40, GTO],
    }.items():
        assert window(f"sort={sort}") == names
    assert window() == window("sort=newest")


def test_best_sellers_come_first(shelf: dict[str, Any], window: Window) -> None:
    with db.engine.begin() as connection:
        for name, units in ((R34, 5), (GTO, 9)):
            connection.execute(
                sa.update(Product).where(Product.name == name).values(units_ordered=units)
            )
    assert window("sort=best_selling")[:2] == [GTO, R34]


def test_a_word_in_the_name_counts_more_than_one_in_the_description(
    make_product: MakeProduct, window: Window
) -> None:
    make_product("Transporter", description="Carries a Porsche, any Porsche, a Porsche")
    make_product("Porsche 911")
    make_product("Truck", brand="Porsche Design")
    assert window("q=porsche&sort=relevance") == ["Porsche 911", "Truck", "Transporter"]


HOSTILE_WORDS = [
    "'", '"', "\\", "a & b", "a | !b", "a:*", "<->", "(((", "a:b:c", "%", "_", "--", ";",
    "日産", "🚗", "½", "\u0301", "İ", "ß", "a\u200bb", "'; DROP TABLE products; --", "x" * 200,
]  # fmt: skip


def test_any_search_is_safe(client: FlaskClient, make_product: MakeProduct) -> None:
    make_product()
    for words in HOSTILE_WORDS:
        for sort in ("newest", "relevance"):
            answer = client.get(URL, query_string={"q": words, "sort": sort})
            assert answer.status_code == 200, words


def test_a_search_finds_the_words_that_were_typed_in_any_script(
    make_product: MakeProduct, window: Window
) -> None:
    make_product("日産 スカイライン")
    make_product("Škoda Octavia")
    assert window("q=日産") == ["日産 スカイライン"]
    assert window("q=škoda") == ["Škoda Octavia"]


WRONG = [
    ("sort=cheapest", "sort"),
    ("sort=relevance", "sort"),
    ("sort=relevance&q=%20", "sort"),
    ("min_price=-1", "min_price"),
    ("min_price=abc", "min_price"),
    ("max_price=1.5", "max_price"),
    ("max_price=99999999999999999999999", "max_price"),
    ("in_stock=perhaps", "in_stock"),
    ("per_page=0", "per_page"),
    ("per_page=101", "per_page"),
    ("page=0", "page"),
    ("page=-1", "page"),
    ("page=99999999999", "page"),
    ("page=1&cursor=abc", "cursor"),
    ("cursor=nonsense", "cursor"),
    ("cursor=", "cursor"),
    ("q=" + "x" * 201, "q"),
    ("brand=", "brand.0"),
    ("colour=red", "colour"),
    ("brand=a%00b", "_schema"),
]


def test_wrong_parameters_are_named(client: FlaskClient) -> None:
    for query, field in WRONG:
        refused = client.get(f"{URL}?{query}")
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), query


def test_the_window_is_read_in_two_statements(
    client: FlaskClient, make_product: MakeProduct, make_category: Any, statements: list[str]
) -> None:
    for number in range(5):
        make_product(f"Model {number}", category_id=make_category(f"Shelf {number}")["id"])
    statements.clear()
    client.get(f"{URL}?q=model&category=shelf-1&category=shelf-2&brand=x&sort=relevance")
    client.get(URL)
    assert len(statements) == 4


def test_the_window_can_be_cached_and_asked_for_again(
    client: FlaskClient, make_product: MakeProduct
) -> None:
    make_product()
    first = client.get(URL)
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    unchanged = client.get(URL, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    make_product()
    assert client.get(URL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
