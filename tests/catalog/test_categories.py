"""The tree of categories over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.catalog.errors import CategoryCycle
from diecast_api.catalog.service import categories as service
from diecast_api.unit_of_work import unit_of_work
from tests.support.people import Person

MakeCategory = Callable[..., dict[str, Any]]
MakeProduct = Callable[..., dict[str, Any]]
URL = "/api/v1/categories"
NOBODY = "01890000-0000-7000-8000-000000000000"


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(URL).json["items"]
    return items


def test_a_new_category_has_a_slug_from_its_name(make_category: MakeCategory) -> None:
    category = make_category("Mobil Sport & Balap")
    assert category["slug"] == "mobil-sport-balap"
    assert category["parent_id"] is None
    assert category["description"] is None
    assert category["product_count"] == 0
    assert category["path"] == [
        {"id": category["id"], "name": "Mobil Sport & Balap", "slug": "mobil-sport-balap"}
    ]
    assert category["children"] == []


def test_slugs_that_are_made_never_collide(make_category: MakeCategory) -> None:
    slugs = [make_category(name)["slug"] for name in ("Trucks", "trucks!", "TRUCKS", "日産", "🚗")]
    assert slugs == ["trucks", "trucks-2", "trucks-3", "category", "category-2"]


def test_the_list_is_flat_and_ordered_as_a_tree(
    client: FlaskClient, make_category: MakeCategory
) -> None:
    late = make_category("Late", position=2)
    early = make_category("Early", position=1)
    make_category("B", parent_id=late["id"])
    make_category("A", parent_id=late["id"])
    assert [item["name"] for item in listed(client)] == ["Early", "Late", "A", "B"]
    assert set(listed(client)[0]) == {
        "id", "name", "slug", "description", "parent_id", "position", "product_count",
    }  # fmt: skip
    assert listed(client)[0]["id"] == early["id"]


def test_a_category_is_found_by_id_and_by_slug(
    client: FlaskClient, make_category: MakeCategory
) -> None:
    root = make_category("Scale models", slug="scale-models")
    middle = make_category("1:64", slug="one-64", parent_id=root["id"])
    leaf = make_category("Hot Wheels", parent_id=middle["id"])
    for reference in (leaf["id"], leaf["id"].upper(), "hot-wheels"):
        found = client.get(f"{URL}/{reference}").json
        assert [node["slug"] for node in found["path"]] == ["scale-models", "one-64", "hot-wheels"]
    children = client.get(f"{URL}/scale-models").json["children"]
    assert [child["id"] for child in children] == [middle["id"]]


@pytest.mark.parametrize(
    "reference", ["unknown", NOBODY, "%00", "a%00b", "%F0%9F%9A%97", "x" * 999]
)
def test_an_unknown_category_is_not_found(client: FlaskClient, reference: str) -> None:
    assert client.get(f"{URL}/{reference}").status_code == 404


def test_counts_are_of_published_products_with_all_below(
    client: FlaskClient,
    owner: Person,
    make_category: MakeCategory,
    make_product: MakeProduct,
) -> None:
    root = make_category("Root")
    leaf = make_category("Leaf", parent_id=root["id"])
    make_product("In root", category_id=root["id"])
    make_product("In leaf", category_id=leaf["id"])
    make_product("Draft", category_id=leaf["id"], published_at=None)
    make_product("To come", category_id=leaf["id"], published_at="2099-01-01T00:00:00Z")
    gone = make_product("Archived", category_id=leaf["id"])
    client.delete(f"/api/v1/products/{gone['id']}", headers=owner.headers)
    counts = {item["name"]: item["product_count"] for item in listed(client)}
    assert counts == {"Root": 2, "Leaf": 1}


def test_a_move_takes_along_what_lies_below(
    client: FlaskClient, owner: Person, make_category: MakeCategory
) -> None:
    first, second = make_category("First"), make_category("Second")
    child = make_category("Child", parent_id=first["id"])
    make_category("Grandchild", parent_id=child["id"])
    moved = client.patch(
        f"{URL}/{child['id']}", json={"parent_id": second["id"]}, headers=owner.headers
    )
    assert moved.status_code == 200
    path = client.get(f"{URL}/grandchild").json["path"]
    assert [node["name"] for node in path] == ["Second", "Child", "Grandchild"]
    freed = client.patch(f"{URL}/{child['id']}", json={"parent_id": None}, headers=owner.headers)
    assert freed.json["parent_id"] is None


def test_a_category_cannot_come_below_itself(
    client: FlaskClient, owner: Person, make_category: MakeCategory
) -> None:
    root = make_category("Root")
    child = make_category("Child", parent_id=root["id"])
    leaf = make_category("Leaf", parent_id=child["id"])
    for below in (root, child, leaf):
        refused = client.patch(
            f"{URL}/{root['id']}", json={"parent_id": below["id"]}, headers=owner.headers
        )
        assert (refused.status_code, refused.json["code"]) == (409, "category_cycle")
    assert client.get(f"{URL}/root").json["parent_id"] is None


def test_two_moves_at_once_make_no_ring(app: Flask, make_category: MakeCategory) -> None:
    first, second = (UUID(make_category(name)["id"]) for name in ("First", "Second"))
    outcomes: list[str] = []

    def move_back() -> None:
        with app.app_context():
            try:
                service.change(second, {"parent_id": first}, expected_version=None)
                outcomes.append("moved")
            except CategoryCycle:
                outcomes.append("cycle")

    other = threading.Thread(target=move_back)
    with unit_of_work():
        service.change(first, {"parent_id": second}, expected_version=None)
        other.start()
        other.join(timeout=0.5)  # long enough to overtake, were there nothing to wait for
    other.join()
    assert outcomes == ["cycle"]


def test_only_an_empty_category_is_deleted(
    client: FlaskClient,
    owner: Person,
    make_category: MakeCategory,
    make_product: MakeProduct,
) -> None:
    root = make_category("Root")
    leaf = make_category("Leaf", parent_id=root["id"])
    product = make_product(category_id=leaf["id"])
    for category in (root, leaf):
        refused = client.delete(f"{URL}/{category['id']}", headers=owner.headers)
        assert (refused.status_code, refused.json["code"]) == (409, "category_not_empty")
    client.patch(
        f"/api/v1/products/{product['id']}", json={"category_id": None}, headers=owner.headers
    )
    for category in (leaf, root):
        deleted = client.delete(f"{URL}/{category['id']}", headers=owner.headers)
        assert (deleted.status_code, deleted.data) == (204, b"")
        again = client.delete(f"{URL}/{category['id']}", headers=owner.headers)
        assert again.status_code == 404


def test_archived_products_do_not_keep_a_category(
    client: FlaskClient,
    owner: Person,
    make_category: MakeCategory,
    make_product: MakeProduct,
) -> None:
    category = make_category("Last year")
    product = make_product(category_id=category["id"])
    client.delete(f"/api/v1/products/{product['id']}", headers=owner.headers)
    deleted = client.delete(f"{URL}/{category['id']}", headers=owner.headers)
    assert deleted.status_code == 204


def test_a_slug_that_is_taken_is_refused(
    client: FlaskClient, owner: Person, make_category: MakeCategory
) -> None:
    make_category("Trucks")
    other = make_category("Vans")
    body = {"name": "Lorries", "slug": "trucks"}
    created = client.post(URL, json=body, headers=owner.headers)
    changed = client.patch(f"{URL}/{other['id']}", json={"slug": "trucks"}, headers=owner.headers)
    for refused in (created, changed):
        assert (refused.status_code, refused.json["code"]) == (409, "slug_taken")


def test_if_match_refuses_a_lost_update(
    client: FlaskClient, owner: Person, make_category: MakeCategory
) -> None:
    category = make_category("Trucks")
    url = f"{URL}/{category['id']}"
    seen = {**owner.headers, "If-Match": f'"{category["version"]}"'}
    assert client.patch(url, json={"name": "Lorries"}, headers=seen).status_code == 200
    refused = client.patch(url, json={"name": "Vans"}, headers=seen)
    assert (refused.status_code, refused.json["version"]) == (412, category["version"] + 1)
    assert client.get(url).json["name"] == "Lorries"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "name"),
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": None}, "name"),
    ({"name": 7}, "name"),
    ({"name": "x" * 121}, "name"),
    ({"name": "x", "slug": "Not A Slug"}, "slug"),
    ({"name": "x", "slug": "a--b"}, "slug"),
    ({"name": "x", "slug": "a\n"}, "slug"),
    ({"name": "x", "slug": NOBODY}, "slug"),
    ({"name": "x", "parent_id": NOBODY}, "parent_id"),
    ({"name": "x", "parent_id": "trucks"}, "parent_id"),
    ({"name": "x", "position": -1}, "position"),
    ({"name": "x", "position": "1"}, "position"),
    ({"name": "x", "position": 10**12}, "position"),
    ({"name": "x", "product_count": 3}, "product_count"),
]


def test_wrong_input_is_named(client: FlaskClient, owner: Person) -> None:
    for body, field in WRONG:
        refused = client.post(URL, json=body, headers=owner.headers)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), body


def test_only_staff_of_the_catalogue_change_categories(
    client: FlaskClient,
    make_category: MakeCategory,
    make_user: Callable[..., Person],
) -> None:
    category = make_category("Trucks")
    url = f"{URL}/{category['id']}"
    for headers, status in (
        ({}, 401),
        (make_user().headers, 403),
        (make_user("support").headers, 403),
    ):
        assert client.post(URL, json={"name": "Vans"}, headers=headers).status_code == status
        assert client.patch(url, json={"name": "Vans"}, headers=headers).status_code == status
        assert client.delete(url, headers=headers).status_code == status
    editor = make_user("catalog")
    assert client.patch(url, json={"name": "Vans"}, headers=editor.headers).status_code == 200


def test_the_tree_is_read_in_one_statement(
    client: FlaskClient, make_category: MakeCategory, statements: list[str]
) -> None:
    parent = None
    for depth in range(6):
        parent = make_category(f"Level {depth}", parent_id=parent)["id"]
    statements.clear()
    client.get(URL)
    client.get(f"{URL}/level-5")
    assert len(statements) == 2


def test_reads_can_be_cached_and_asked_for_again(
    client: FlaskClient, owner: Person, make_category: MakeCategory
) -> None:
    category = make_category("Trucks")
    first = client.get(URL)
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    again = client.get(URL, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    client.patch(f"{URL}/{category['id']}", json={"name": "Vans"}, headers=owner.headers)
    changed = client.get(URL, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
