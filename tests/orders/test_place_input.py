"""What an order's body may hold, and that nothing in it is ever worth a 500."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.orders.buyer import URL, Buyer, body_of, line
from tests.support.live import ADDRESS

MakeProduct = Callable[..., dict[str, Any]]
UNKNOWN = {"id": "01970000-0000-7000-8000-000000000000"}


def problem_of(answer: Any) -> tuple[int, str, list[str]]:
    problem = answer.json
    return answer.status_code, problem["code"], sorted(problem.get("errors", {}))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("081234567890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("62812.3456.7890", "+6281234567890"),
        ("(021) 555-1234", "+62215551234"),
    ],
)
def test_phone_is_kept_in_one_form(
    buyer: Buyer, make_product: MakeProduct, written: str, kept: str
) -> None:
    address = {**ADDRESS, "phone": written}
    order = buyer.place(line(make_product()), shipping_address=address)
    assert order["shipping_address"]["phone"] == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("phone", text)
            for text in (
                "",
                "0812",
                "+1 202 555 0100",
                "+65 8123 4567",
                "08123456789012345",
                "telepon",
                "٠٨١٢٣٤٥٦٧٨٩٠",
                "0812345678\n90",
                "++6281234567890",
                81234567890,
                None,
                ["081234567890"],
            )
        ),
        *(
            ("postal_code", text)
            for text in (
                "",
                "4011",
                "401111",
                "4011a",
                "40111\n",
                "４０１１１",
                40111,
                None,
                " 40111",
            )
        ),
        *(
            (name, text)
            for name in ("full_name", "address", "city", "province")
            for text in ("", "   ", None, 5, True, {}, "x" * 501, "a\u0007b", "\u001b[31m")
        ),
        ("notes", 5),
        ("notes", "x" * 501),
    ],
)
def test_address_that_cannot_be_delivered_to(buyer: Buyer, field: str, value: Any) -> None:
    refused = buyer.try_to_place(body_of(line(UNKNOWN), shipping_address={**ADDRESS, field: value}))
    assert problem_of(refused) == (422, "validation_error", [f"shipping_address.{field}"])


@pytest.mark.parametrize("field", sorted(ADDRESS))
def test_every_field_of_an_address_is_needed(buyer: Buyer, field: str) -> None:
    address = {name: text for name, text in ADDRESS.items() if name != field}
    refused = buyer.try_to_place(body_of(line(UNKNOWN), shipping_address=address))
    assert problem_of(refused) == (422, "validation_error", [f"shipping_address.{field}"])
    assert "Missing data" in refused.json["errors"][f"shipping_address.{field}"][0]


def test_unknown_fields_are_named(buyer: Buyer) -> None:
    body = body_of(
        {**line(UNKNOWN), "price": 1},
        shipping_address={**ADDRESS, "country": "ID"},
        total=1,
    )
    assert problem_of(buyer.try_to_place(body)) == (
        422,
        "validation_error",
        ["items.0.price", "shipping_address.country", "total"],
    )


@pytest.mark.parametrize(
    "quantity",
    [0, -1, 1_000_001, 2**31, 2**63, 1e30, 1.0, 1.5, "1", "", True, False, None, [], {}],
)
def test_quantity_is_a_whole_number_above_zero(buyer: Buyer, quantity: Any) -> None:
    refused = buyer.try_to_place(body_of(line(UNKNOWN, quantity)))
    assert problem_of(refused) == (422, "validation_error", ["items.0.quantity"])


@pytest.mark.parametrize("product_id", ["", "x", 1, None, [], "01970000", "\ufffd" * 36])
def test_product_is_named_by_its_id(buyer: Buyer, product_id: Any) -> None:
    refused = buyer.try_to_place(body_of(line({"id": product_id})))
    assert problem_of(refused) == (422, "validation_error", ["items.0.product_id"])


@pytest.mark.parametrize("items", [[], None, {}, "x", 1, [1], [None], [[]], [line(UNKNOWN)] * 101])
def test_items_are_a_list_of_1_to_100_lines(buyer: Buyer, items: Any) -> None:
    status, code, fields = problem_of(buyer.try_to_place({**body_of(), "items": items}))
    assert (status, code) == (422, "validation_error")
    assert all(field.startswith("items") for field in fields)


@pytest.mark.parametrize("body", [[], "x", 1, None, True])
def test_body_is_an_object(buyer: Buyer, body: Any) -> None:
    refused = buyer.try_to_place(body)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_error")


def test_an_absent_body_names_what_is_missing(client: FlaskClient, buyer: Buyer) -> None:
    refused = client.post(URL, headers=buyer.person.headers)
    assert problem_of(refused) == (422, "validation_error", ["shipping_address"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"notes": NaN}', 400),
        (b'\xff\xfe{"notes": 1}', 400),
        (b'{"notes": "\xff"}', 400),
        (b'{"notes": "\\ud800"}', 400),
        (b'{"notes": "a\x00b"}', 400),
        (b'{"notes": "a\\u0000b"}', 422),
        (b"[" * 100_000, 400),
        (b'{"notes":' * 200 + b"1" + b"}" * 200, 400),
        (b'{"notes": ' + b"9" * 30 + b"}", 422),
        (b'{"notes": ' + b"9" * 5_000 + b"}", 400),
        (b'{"notes": "' + b"x" * 1_048_576 + b'"}', 413),
    ],
)
def test_hostile_bodies(client: FlaskClient, buyer: Buyer, body: bytes, status: int) -> None:
    refused = client.post(
        URL, data=body, headers=buyer.person.headers, content_type="application/json"
    )
    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"


def test_any_script_is_kept_as_it_was_written(buyer: Buyer, make_product: MakeProduct) -> None:
    text = "ꦧꦸꦢꦶ 山田 👩‍👩‍👧 O'Brien \"; DROP TABLE orders; -- %s {0} \\u0041"
    address = {**ADDRESS, "full_name": text}
    order = buyer.place(line(make_product()), shipping_address=address, notes=text)
    assert (order["shipping_address"]["full_name"], order["notes"]) == (text, text)
    assert buyer.show(order).json == order
