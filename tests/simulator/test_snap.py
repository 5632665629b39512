"""Snap's create and cancel calls, through the real `midtransclient`."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from tests.simulator.merchant import WIB, Merchant, refusal, start_time
from tests.support.simulator import ControlClient, SimulatorProcess


def test_create_gives_a_token_and_the_page_of_it(
    merchant: Merchant, simulator: SimulatorProcess
) -> None:
    answer = merchant.create_token("ORD-1")

    uuid.UUID(answer["token"])
    assert answer["redirect_url"] == f"{simulator.url}/snap/v2/vtweb/{answer['token']}"
    assert requests.get(answer["redirect_url"], timeout=5).status_code == 200


def test_a_full_request_is_accepted(merchant: Merchant, control: ControlClient) -> None:
    merchant.create_token(
        "ORD-1",
        1_000_000,
        item_details=[
            {"id": "1", "name": "x" * 50, "price": 350_000, "quantity": 3},
            {"id": "d", "name": "Discount", "price": -50_000, "quantity": 1},
        ],
        customer_details={
            "first_name": "Budi",
            "email": "budi@example.com",
            "phone": "+6281234567890",
            "shipping_address": {"city": "Bandung", "postal_code": "40115", "country_code": "IDN"},
        },
        enabled_payments=["credit_card", "bca_va"],
        credit_card={"secure": True},
        expiry={"start_time": start_time(), "unit": "minutes", "duration": 60},
        page_expiry={"unit": "hour", "duration": 1},
        callbacks={"finish": "https://shop.example.com/finish"},
        custom_field1="one",
    )
    assert control.transaction("ORD-1")["gross_amount"] == 1_000_000


ITEM = {"id": "1", "name": "Car", "price": 150_000, "quantity": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transaction_details": {"gross_amount": 1}}, "order_id is required"),
        (
            {"transaction_details": {"order_id": "x" * 51, "gross_amount": 1}},
            "transaction_details.order_id too long",
        ),
        ({"transaction_details": {"order_id": "A"}}, "gross_amount is required"),
        (
            {"transaction_details": {"order_id": "A", "gross_amount": 0}},
            "transaction_details.gross_amount must be greater than or equal to 0.01",
        ),
        ({"transaction_details": {"order_id": "A", "gross_amount": 10.5}}, "decimals"),
        ({"transaction_details": {"order_id": "A", "gross_amount": "10"}}, "must be a number"),
        (
            {"item_details": [ITEM | {"price": 149_999}]},
            "transaction_details.gross_amount is not equal to the sum of item_details",
        ),
        ({"item_details": [ITEM | {"name": "x" * 51}]}, "item_details Name too long"),
        ({"item_details": [ITEM | {"quantity": 0}]}, "quantity"),
        ({"item_details": [ITEM | {"price": 150_000.5}]}, "price"),
        ({"customer_details": {"email": ""}}, "customer_details.email format is invalid"),
        ({"customer_details": {"email": "budi@nowhere"}}, "email format is invalid"),
        ({"customer_details": {"first_name": "x" * 256}}, "customer_details.first_name too long"),
        (
            {"customer_details": {"shipping_address": {"postal_code": "12345678901"}}},
            "shipping_address.postal_code too long",
        ),
        (
            {"expiry": {"start_time": "2026-02-03T10:00:00Z", "unit": "hour", "duration": 1}},
            "expiry.start_time must follow yyyy-MM-dd hh:mm:ss Z format",
        ),
        ({"expiry": {"unit": "fortnight", "duration": 1}}, "expiry"),
        ({"page_expiry": {"unit": "minute", "duration": 1.5}}, "page_expiry"),
        ({"callbacks": {"finish": "https://x.example/" + "x" * 250}}, "callbacks.finish too long"),
        ({"custom_field2": "x" * 256}, "custom_field2 too long"),
        ({"enabled_payments": "bca_va"}, "enabled_payments"),
    ],
)
def test_what_midtrans_refuses_is_refused_in_its_words(
    merchant: Merchant, change: dict[str, Any], message: str
) -> None:
    request = {"transaction_details": {"order_id": "A", "gross_amount": 150_000}} | change

    status, messages = refusal(merchant.snap.create_transaction, request)

    assert status == 400
    assert message in messages[0]


def test_the_wrong_key_is_refused(simulator: SimulatorProcess, merchant: Merchant) -> None:
    stranger = Merchant(simulator, key="SB-Mid-server-other")

    status, messages = refusal(stranger.create_token, "ORD-1")

    assert status == 401
    assert "check client or server key" in messages[0]


def test_a_body_over_16_kb_is_refused(merchant: Merchant) -> None:
    items = [{"id": str(n), "name": "x" * 50, "price": 1, "quantity": 1} for n in range(200)]

    status, _ = refusal(merchant.create_token, "ORD-1", 200, item_details=items)

    assert status == 413


def test_a_body_that_is_no_json_is_refused(simulator: SimulatorProcess, merchant: Merchant) -> None:
    answer = requests.post(
        f"{simulator.snap_base_url}/transactions",
        data=b"{",
        auth=(simulator.server_key, ""),
        timeout=5,
    )
    assert answer.status_code == 400
    assert answer.json()["error_messages"]


def test_a_second_create_replaces_the_token_until_a_method_is_chosen(
    merchant: Merchant, control: ControlClient
) -> None:
    first = merchant.create_token("ORD-1")
    second = merchant.create_token("ORD-1")

    assert second["token"] != first["token"]
    old_page = requests.get(first["redirect_url"], timeout=5).text
    assert 'data-testid="view-replaced"' in old_page
    refused = requests.post(f"{first['redirect_url']}/choose", data={"method": "bca_va"}, timeout=5)
    assert 'data-testid="view-replaced"' in refused.text
    assert control.transaction("ORD-1")["attempts"] == []


@pytest.mark.parametrize("events", [["choose"], ["pay"], ["expire"], ["deny"]])
@pytest.mark.parametrize(
    ("language", "wording"),
    [
        ("en", "transaction_details.order_id has already been taken"),
        ("id", "transaction_details.order_id sudah digunakan"),
    ],
)
def test_a_used_order_id_is_refused_in_the_language_of_the_account(
    merchant: Merchant, control: ControlClient, language: str, wording: str, events: list[str]
) -> None:
    order_id = merchant.create()
    for event in events:
        control.happen(order_id, event)
    control.settings(language=language)

    assert refusal(merchant.create_token, order_id) == (400, [wording])


def test_a_canceled_order_id_can_be_used_again(merchant: Merchant, control: ControlClient) -> None:
    order_id = merchant.create()
    control.happen(order_id, "choose")
    merchant.cancel(order_id)

    merchant.create_token(order_id)
    control.happen(order_id, "pay")

    states = [attempt["state"] for attempt in control.transaction(order_id)["attempts"]]
    assert states == ["cancel", "settlement"]


def test_an_unused_page_can_be_canceled_once(merchant: Merchant) -> None:
    created = merchant.create_token("ORD-1")

    answer = merchant.cancel_session(created["token"])
    assert answer.status_code == 200
    datetime.fromisoformat(answer.json()["canceled_at"])

    again = merchant.cancel_session(created["token"])
    assert again.status_code >= 400
    assert again.json() == {"error_messages": ["token already canceled"]}
    assert 'data-testid="view-canceled"' in requests.get(created["redirect_url"], timeout=5).text
    assert merchant.status("ORD-1")["status_code"] == "404"


def test_a_page_in_use_cannot_be_canceled(merchant: Merchant, control: ControlClient) -> None:
    created = merchant.create_token("ORD-1")
    control.happen("ORD-1", "choose")

    answer = merchant.cancel_session(created["token"])

    assert answer.json() == {"error_messages": ["Transaction is on progress"]}
    assert merchant.status("ORD-1")["transaction_status"] == "pending"


def test_an_unknown_token_cannot_be_canceled(merchant: Merchant) -> None:
    answer = merchant.cancel_session(str(uuid.uuid4()))
    assert answer.status_code >= 400
    assert answer.json() == {"error_messages": ["token not found"]}


def test_expiry_with_a_start_time_ends_page_and_method_together(
    merchant: Merchant, control: ControlClient
) -> None:
    begun = start_time(timedelta(minutes=-10))
    order_id = merchant.create(expiry={"start_time": begun, "unit": "minutes", "duration": 60})

    order = control.happen(order_id, "choose", payment_type="gopay")

    expected = datetime.strptime(begun, "%Y-%m-%d %H:%M:%S %z") + timedelta(minutes=60)
    assert datetime.fromisoformat(order["page_expires_at"]) == expected
    assert datetime.fromisoformat(order["attempts"][0]["expires_at"]) == expected
    expiry_time = merchant.status(order_id)["expiry_time"]
    assert expiry_time == expected.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S")


def test_expiry_without_a_start_time_begins_when_the_method_is_chosen(
    merchant: Merchant, control: ControlClient
) -> None:
    order_id = merchant.create(expiry={"unit": "hours", "duration": 2})

    order = control.happen(order_id, "choose")

    attempt = order["attempts"][0]
    lifetime = datetime.fromisoformat(attempt["expires_at"]) - datetime.fromisoformat(
        attempt["created_at"]
    )
    assert lifetime == timedelta(hours=2)


def test_page_expiry_outranks_expiry_and_spares_a_chosen_method(
    merchant: Merchant, control: ControlClient
) -> None:
    order_id = merchant.create(
        expiry={"start_time": start_time(), "unit": "hours", "duration": 2},
        page_expiry={"unit": "minutes", "duration": 30},
    )
    order = control.happen(order_id, "choose")
    assert order["page_expires_at"] < order["attempts"][0]["expires_at"]


def test_no_token_lives_longer_than_seven_days(merchant: Merchant, control: ControlClient) -> None:
    order_id = merchant.create(expiry={"start_time": start_time(), "unit": "days", "duration": 30})
    order = control.transaction(order_id)
    lifetime = datetime.fromisoformat(order["page_expires_at"]) - datetime.fromisoformat(
        order["created_at"]
    )
    assert lifetime == timedelta(days=7)
