"""Creating, reading, changing and archiving single products."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.catalog.models import Product
from diecast_api.extensions import db
from tests.support.people import Person

MakeProduct = Callable[..., dict[str, Any]]
URL = "/api/v1/products"
NOBODY = "01890000-0000-7000-8000-000000000000"
LIST_ITEM = {
    "id", "sku", "slug", "name", "price", "currency", "stock", "in_stock", "brand", "scale",
    "category", "image", "created_at",
}  # fmt: skip
DETAIL = LIST_ITEM | {
    "description", "images", "series", "marque", "model_year", "color", "material", "condition",
    "box_condition", "edition_size", "is_chase", "release_date", "weight_grams", "attributes",
    "published_at", "version", "updated_at",
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def create(client: FlaskClient, owner: Person, **fields: Any) -> Any:
    body = {"name": "Ferrari F40", "price": 850_000, "stock": 3, **fields}
    # The standard library also writes what no JSON reader takes for a number.
    return client.post(
        URL, data=json.dumps(body), content_type="application/json", headers=owner.headers
    )


def change(client: FlaskClient, owner: Person, product: dict[str, Any], **fields: Any) -> Any:
    return client.patch(f"{URL}/{product['id']}", json=fields, headers=owner.headers)


def test_a_product_needs_little(client: FlaskClient, owner: Person) -> None:
    created = create(client, owner)
    assert created.status_code == 201
    product = created.json
    assert set(product) == DETAIL
    assert re.fullmatch(r"DC-[2-9A-Z]{8}", product["sku"])
    assert product["slug"] == "ferrari-f40"
    assert (product["price"], product["currency"]) == (850_000, "IDR")
    assert (product["stock"], product["in_stock"]) == (3, True)
    assert (product["version"], product["attributes"], product["images"]) == (1, {}, [])
    assert product["image"] is None
    assert product["category"] is None
    for name in ("created_at", "updated_at", "published_at"):
        assert TIME.fullmatch(product[name])
    assert client.get(f"{URL}/{product['id']}").json == product
    assert client.get(f"{URL}/ferrari-f40").json == product


def test_a_product_keeps_all_that_collectors_ask_for(
    client: FlaskClient, owner: Person, make_category: Callable[..., dict[str, Any]]
) -> None:
    category = make_category("Hypercars")
    fields = {
        "sku": "HW-2024/017.b",
        "slug": "f40-red",
        "description": "Baris pertama\nbaris kedua 🏎",
        "brand": "Hot Wheels",
        "series": "Car Culture",
        "marque": "Ferrari",
        "model_year": 1987,
        "color": "Rosso Corsa",
        "material": "Diecast",
        "condition": "new",
        "box_condition": "mint",
        "edition_size": 5000,
        "is_chase": True,
        "release_date": "2024-03-01",
        "weight_grams": 60,
        "attributes": {"doors": 2, "tags": ["red", None], "ratio": 0.5, "nested": {"a": True}},
    }
    product = create(client, owner, **fields, scale="1/64", category_id=category["id"]).json
    assert {name: product[name] for name in fields} == fields
    assert product["scale"] == "1:64"
    assert product["category"] == {name: category[name] for name in ("id", "name", "slug")}


def test_slugs_that_are_made_never_collide(make_product: MakeProduct) -> None:
    names = (
        "Honda Civic",
        "honda civic!",
        "Citroën 2CV",
        "日産",
        "🚗",
        NOBODY,
        "Facets",
        "Suggest",
    )
    slugs = [make_product(name)["slug"] for name in names]
    assert slugs == [
        "honda-civic",
        "honda-civic-2",
        "citroen-2cv",
        "model",
        "model-2",
        f"model-{NOBODY}",
        "facets-2",
        "suggest-2",
    ]
    assert len(make_product("x" * 200)["slug"]) <= 120


def test_a_sku_is_taken_whatever_its_case(client: FlaskClient, owner: Person) -> None:
    assert create(client, owner, sku="HW-17").status_code == 201
    other = create(client, owner).json
    for refused in (create(client, owner, sku="hw-17"), change(client, owner, other, sku="Hw-17")):
        assert (refused.status_code, refused.json["code"]) == (409, "sku_taken")
        assert refused.json["sku"].lower() == "hw-17"


def test_a_slug_that_was_asked_for_is_not_replaced(client: FlaskClient, owner: Person) -> None:
    create(client, owner, slug="f40")
    other = create(client, owner).json
    for refused in (create(client, owner, slug="f40"), change(client, owner, other, slug="f40")):
        assert (refused.status_code, refused.json["code"]) == (409, "slug_taken")


WRONG: list[tuple[str, Any]] = [
    ("name", ""), ("name", " \n "), ("name", None), ("name", 3), ("name", "x" * 201),
    ("name", ["x"]), ("name", "a\u0007b"),
    ("price", 0), ("price", -1), ("price", "850000"), ("price", 1.5), ("price", None),
    ("price", True), ("price", 10**30), ("price", {}),
    ("stock", -1), ("stock", 1_000_001), ("stock", "3"), ("stock", None), ("stock", 2.5),
    ("sku", ""), ("sku", "-17"), ("sku", "a b"), ("sku", "x" * 65), ("sku", None),
    ("sku", "a\n"),
    ("slug", "Not A Slug"), ("slug", NOBODY), ("slug", "facets"), ("slug", "x" * 121),
    ("slug", None),
    ("description", 5), ("description", "x" * 20_001),
    ("category_id", NOBODY), ("category_id", "trucks"), ("category_id", 5),
    ("scale", "64"), ("scale", "1:0x"), ("scale", "1:1234"), ("scale", "1:\u0664"),
    ("scale", "1:0"), ("scale", "1:064"),
    ("model_year", 1884), ("model_year", 2101), ("model_year", "1987"),
    ("condition", "x" * 41), ("brand", ""),
    ("edition_size", 0), ("edition_size", 10**12),
    ("is_chase", "true"), ("is_chase", 1),
    ("release_date", "01/03/2024"), ("release_date", 20240301), ("release_date", "2024-02-30"),
    ("weight_grams", -1), ("weight_grams", 2**31),
    ("attributes", []), ("attributes", "x"), ("attributes", {"a": "x" * 17_000}),
    ("attributes", {"a": [1e300]}), ("attributes", {"a": -(10**25)}),
    ("published_at", "2024-01-01T00:00:00"), ("published_at", "soon"),
    ("published_at", "0001-01-01T00:00:00+14:00"), ("published_at", 1700000000),
    ("published_at", "9999-12-31T23:59:59-14:00"),
    ("version", 3), ("in_stock", True), ("unknown", 1),
]  # fmt: skip


def test_wrong_input_is_named(client: FlaskClient, owner: Person) -> None:
    for field, value in WRONG:
        refused = create(client, owner, **{field: value})
        assert (refused.status_code, refused.json["code"]) == (422, "validation_error"), value
        assert list(refused.json["errors"]) == [field], value


@pytest.mark.parametrize("field", ["name", "price", "stock"])
def test_what_is_needed_is_named(client: FlaskClient, owner: Person, field: str) -> None:
    body = {"name": "F40", "price": 1, "stock": 0}
    del body[field]
    refused = client.post(URL, json=body, headers=owner.headers)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a\\u0000b", "price": 1, "stock": 1}',
        b'{"name": "x", "price": 1, "stock": 1, "attributes": {"a": ["\\u0000"]}}',
        b'{"name": "x", "price": 1, "stock": 1, "attributes": {"\\u0000": 1}}',
        b'{"name": "\\ud800", "price": 1, "stock": 1}',
        b'{"name": "x", "price": 1, "stock": 1, "attributes": {"a": 1e999}}',
        b'{"name": "x", "price": 1e999, "stock": 1}',
        b'{"name": "x", "price": 1, "stock": 1, "attributes": {"a": NaN}}',
    ],
)
def test_what_the_database_cannot_keep_is_refused(
    client: FlaskClient, owner: Person, body: bytes
) -> None:
    refused = client.post(URL, data=body, content_type="application/json", headers=owner.headers)
    assert refused.status_code in (400, 422)


def test_large_numbers_in_attributes_come_back(client: FlaskClient, owner: Person) -> None:
    attributes = {"big": 2**63 - 1, "small": 1 - 2**63, "float": 1e18, "tiny": 1e-300}
    product = create(client, owner, attributes=attributes).json
    assert client.get(f"{URL}/{product['id']}").json["attributes"] == attributes


def test_a_change_answers_with_the_whole_product(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    product = make_product(brand="Tomica", is_chase=True, attributes={"a": 1})
    changed = change(client, owner, product, price=99_000, brand=None)
    assert changed.status_code == 200
    expected = {**product, "price": 99_000, "brand": None, "version": 2}
    assert {**changed.json, "updated_at": product["updated_at"]} == expected
    cleared = change(client, owner, product, is_chase=None, attributes=None).json
    assert (cleared["is_chase"], cleared["attributes"], cleared["version"]) == (False, {}, 3)
    assert client.get(f"{URL}/{product['id']}").json == cleared


def test_a_change_of_nothing_is_no_edit(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    product = make_product()
    assert change(client, owner, product, price=product["price"]).json == product
    assert change(client, owner, product).json == product


@pytest.mark.parametrize("fields", [{"stock": 5}, {"name": None}, {"price": None}, {"slug": None}])
def test_some_fields_are_not_changed_here(
    client: FlaskClient, owner: Person, make_product: MakeProduct, fields: dict[str, Any]
) -> None:
    refused = change(client, owner, make_product(), **fields)
    assert (refused.status_code, list(refused.json["errors"])) == (422, list(fields))


def test_if_match_refuses_a_lost_update(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    url = f"{URL}/{make_product()['id']}"
    for tag in ('"1"', "*"):
        headers = {**owner.headers, "If-Match": tag}
        assert client.patch(url, json={"color": tag}, headers=headers).status_code == 200
    for tag in ('"1"', "1", '"x"', '"99999999999999999999"', 'W/"3"'):
        refused = client.patch(
            url, json={"color": "no"}, headers={**owner.headers, "If-Match": tag}
        )
        assert (refused.status_code, refused.json["code"]) == (412, "version_mismatch")
        assert refused.json["version"] == 3


def test_archiving_takes_a_product_out_of_the_window(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    product = make_product()
    url = f"{URL}/{product['id']}"
    assert client.delete(url, headers=owner.headers).status_code == 204
    assert client.get(url).status_code == 404
    assert client.get(f"{URL}/{product['slug']}").status_code == 404
    assert client.get(URL).json["pagination"]["total"] == 0
    assert client.get(url, headers=owner.headers).json["version"] == 2
    assert client.delete(url, headers=owner.headers).status_code == 404
    assert change(client, owner, product, price=5).status_code == 404


def test_drafts_are_seen_by_staff_alone(
    client: FlaskClient,
    owner: Person,
    make_product: MakeProduct,
    make_user: Callable[..., Person],
) -> None:
    draft = make_product(published_at=None)
    url = f"{URL}/{draft['id']}"
    assert client.get(url).status_code == 404
    assert client.get(url, headers=make_user().headers).status_code == 404
    assert client.get(url, headers=make_user("support").headers).status_code == 404
    seen = client.get(url, headers=owner.headers)
    assert (seen.json, seen.headers["Cache-Control"]) == (draft, "private, no-store")
    change(client, owner, draft, published_at="2024-01-01T07:00:00+07:00")
    published = client.get(url)
    assert published.json["published_at"] == "2024-01-01T00:00:00Z"
    assert published.headers["Cache-Control"].startswith("public, max-age=")


def test_a_product_publishes_itself_when_its_time_has_come(
    client: FlaskClient, make_product: MakeProduct
) -> None:
    product = make_product(published_at="2099-01-01T00:00:00Z")
    url = f"{URL}/{product['id']}"
    assert client.get(url).status_code == 404
    assert client.get(URL).json["items"] == []
    with db.engine.begin() as connection:
        connection.execute(sa.update(Product).values(published_at=sa.func.now()))
    assert client.get(url).status_code == 200
    assert [item["id"] for item in client.get(URL).json["items"]] == [product["id"]]


@pytest.mark.parametrize(
    "reference", ["unknown", NOBODY, "%00", "a%00b", "%F0%9F%9A%97", "x" * 999]
)
def test_an_unknown_product_is_not_found(client: FlaskClient, reference: str) -> None:
    assert client.get(f"{URL}/{reference}").status_code == 404


def test_only_staff_of_the_catalogue_change_products(
    client: FlaskClient, make_product: MakeProduct, make_user: Callable[..., Person]
) -> None:
    url = f"{URL}/{make_product()['id']}"
    body = {"name": "F40", "price": 1, "stock": 0}
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        (make_user().headers, 403),
        (make_user("orders").headers, 403),
    ):
        assert client.post(URL, json=body, headers=headers).status_code == status
        assert client.patch(url, json={"price": 5}, headers=headers).status_code == status
        assert client.delete(url, headers=headers).status_code == status
    editor = make_user("catalog")
    assert client.patch(url, json={"price": 5}, headers=editor.headers).status_code == 200


def test_a_read_is_revalidated_cheaply_and_shows_edits_at_once(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    product = make_product()
    url = f"{URL}/{product['id']}"
    tag = client.get(url).headers["ETag"]
    assert not tag.startswith("W/")
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    change(client, owner, product, price=5)
    fresh = client.get(url, headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.json["price"]) == (200, 5)


def test_a_product_is_read_in_two_statements(
    client: FlaskClient, make_product: MakeProduct, statements: list[str]
) -> None:
    product = make_product()
    statements.clear()
    client.get(f"{URL}/{product['slug']}")
    assert len(statements) == 2


def test_the_first_stock_is_in_the_ledger(
    client: FlaskClient, owner: Person, make_product: MakeProduct
) -> None:
    product = make_product(stock=7)
    movements = client.get(
        f"/api/v1/admin/products/{product['id']}/stock-movements", headers=owner.headers
    ).json["items"]
    assert [(m["type"], m["delta"], m["balance"]) for m in movements] == [("received", 7, 7)]
    assert make_product(stock=0)["in_stock"] is False
