"""What the webhook answers, and what it keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from diecast_api.extensions import db
from diecast_api.payments.models import PaymentNotification
from tests.payments.till import PRICE, STOCK, WEBHOOK, Till, signature

LEFT = STOCK - 1
HUGE = 2 * 1024 * 1024


def kept() -> list[Any]:
    """All that is in the inbox."""
    with db.engine.connect() as connection:
        return list(connection.execute(sa.select(PaymentNotification.__table__)).all())


def signed(till: Till, **changes: Any) -> dict[str, Any]:
    """A good settlement with changes, signed over whatever it says; None leaves a field out."""
    body = till.notification("settlement", **changes)
    return {name: value for name, value in body.items() if value is not None}


def test_a_good_one_is_kept_as_it_came(paying: Till) -> None:
    body = signed(paying, a_new_field={"deep": [1, None, "é🚗"]}, settlement_time=None)
    answer = paying.post(body, headers={"X-Request-ID": "from-midtrans-1"})
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    [row] = kept()
    assert row.payload == body
    assert (row.midtrans_order_id, row.transaction_status) == (body["order_id"], "settlement")
    assert row.request_id == "from-midtrans-1"
    assert row.handled_at is None
    assert paying.status == "PENDING"


def test_the_same_one_is_kept_once_and_counted(paying: Till) -> None:
    body = signed(paying)
    backwards = dict(reversed(body.items()))
    for sent in (body, backwards, json.dumps(body, indent=4).encode()):
        assert paying.post(sent).status_code == 200
    [row] = kept()
    assert row.deliveries == 3


@pytest.mark.parametrize(
    "field", ["order_id", "transaction_status", "transaction_id", "status_code", "gross_amount"]
)
def test_a_field_that_is_needed_is_a_text(paying: Till, field: str) -> None:
    for value in (None, "", 150000, 1.5, True, ["x"], {"x": "y"}, 0, False, [], {}):
        answer = paying.post(signed(paying, **{field: value}))
        told = (answer.status_code, answer.json.get("code"))
        assert told == (400, "malformed_notification"), value
    assert kept() == []


@pytest.mark.parametrize("field", ["order_id", "gross_amount", "signature_key", "fraud_status"])
def test_null_is_no_text_where_one_is_needed(paying: Till, field: str) -> None:
    body = {**signed(paying), field: None}
    expected = {"fraud_status": 200, "signature_key": 403}.get(field, 400)
    assert paying.post(body).status_code == expected


IMPOSSIBLE = [
    {"currency": 1},
    {"payment_type": ["qris"]},
    {"fraud_status": {"x": 1}},
    {"transaction_time": 20260203},
    {"signature_key": 12},
    {"transaction_id": "."},
    {"transaction_id": ".."},
    {"transaction_id": "../v2/OTHER"},
    {"transaction_id": "x#"},
    {"transaction_id": "x?y=1"},
    {"transaction_id": "x%2e"},
    {"transaction_id": "x y"},
    {"transaction_id": "x\n"},
    {"transaction_id": "ｘ"},
    {"transaction_id": "x" * 129},
    {"order_id": "..."},
    {"order_id": "A/B"},
    {"gross_amount": "150.000,00"},
    {"gross_amount": "-150000.00"},
    {"gross_amount": "1e5"},
    {"gross_amount": "NaN"},
    {"gross_amount": " 150000"},
    {"gross_amount": "١٥٠٠٠٠"},
    {"gross_amount": "9" * 40},
    {"transaction_status": "x" * 65},
    {"status_message": "NUL \0"},
]


def test_what_cannot_be_is_malformed(paying: Till) -> None:
    for changes in IMPOSSIBLE:
        answer = paying.post(signed(paying, **changes))
        told = (answer.status_code, answer.json.get("code"))
        assert told == (400, "malformed_notification"), changes
    assert kept() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"17",
        b"order_id=1&status_code=200",
        b"\xff\xfe",
        b'{"order_id": "\\ud800"}',
        b'{"order_id": NaN}',
        b"[" * 5000,
        b"[" * 200 + b"]" * 200,
    ],
)
def test_what_is_no_json_object_is_malformed(paying: Till, body: bytes) -> None:
    answer = paying.post(body)
    assert answer.status_code == 400
    assert answer.json["code"] in ("malformed_request", "malformed_notification")
    assert kept() == []


def test_a_huge_body_is_refused_unread(paying: Till) -> None:
    answer = paying.post({**signed(paying), "padding": "x" * HUGE})
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert kept() == []


@pytest.mark.parametrize("number", ["1e400", "1" * 400, "1.0", "18446744073709551616", "-0.0"])
def test_odd_numbers_in_unknown_fields_are_kept_or_malformed(paying: Till, number: str) -> None:
    """Never 503: Midtrans would send it again and again."""
    body = json.dumps({**signed(paying), "extra": 0}).replace('"extra": 0', f'"extra": {number}')
    answer = paying.post(body.encode())
    assert answer.status_code in (200, 400)
    assert len(kept()) == (answer.status_code == 200)


def test_deep_json_is_malformed(paying: Till) -> None:
    nested: Any = "x"
    for _ in range(40):
        nested = {"in": nested}
    assert paying.post({**signed(paying), "extra": nested}).status_code == 400


@pytest.mark.parametrize(
    "signature_key",
    [None, "", "0" * 128, "é" * 128, "short"],
)
def test_a_wrong_or_missing_signature_is_forbidden(paying: Till, signature_key: str | None) -> None:
    body = {**signed(paying), "signature_key": signature_key}
    if signature_key is None:
        del body["signature_key"]
    answer = paying.post(body)
    assert (answer.status_code, answer.json["code"]) == (403, "invalid_signature")
    assert kept() == []


@pytest.mark.parametrize(
    "changes",
    [{"gross_amount": f"{PRICE}"}, {"gross_amount": "150000.0"}, {"status_code": "201"}],
)
def test_the_signature_is_over_the_texts_as_they_came(paying: Till, changes: Any) -> None:
    assert paying.post({**signed(paying), **changes}).status_code == 403
    resigned = {**signed(paying), **changes}
    assert paying.post({**resigned, "signature_key": signature(resigned)}).status_code == 200


def test_a_key_of_another_environment_is_forbidden(paying: Till) -> None:
    body = signed(paying)
    body["signature_key"] = signature(body, key="Mid-server-OTHER")
    assert paying.post(body).status_code == 403


def test_an_order_we_do_not_know_is_not_found(paying: Till) -> None:
    for unknown in ("ORD-1001-1", f"{paying.number}-2", paying.number, paying.order_id):
        answer = paying.post(signed(paying, order_id=unknown))
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert kept() == []


def test_signature_comes_before_knowledge(paying: Till) -> None:
    """A stranger cannot find out which orders there are."""
    body = {**signed(paying, order_id="ORD-1001-1"), "signature_key": "0" * 128}
    assert paying.post(body).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_only_post_is_taken(paying: Till, method: str) -> None:
    answer = paying.client.open(WEBHOOK, method=method, json=signed(paying))
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "text/plain", "application/xml", ""]
)
def test_the_content_type_does_not_matter(paying: Till, content_type: str) -> None:
    assert paying.post(signed(paying), content_type=content_type).status_code == 200


def test_a_query_string_does_not_matter(paying: Till) -> None:
    answer = paying.client.post(f"{WEBHOOK}?source=midtrans", json=signed(paying))
    assert answer.status_code == 200


def test_it_is_not_redirected_by_a_slash(paying: Till) -> None:
    """A redirect would turn the POST into a GET, or be a failure in Midtrans's eyes."""
    assert paying.client.post(f"{WEBHOOK}/", json=signed(paying)).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{}, {"signature_key": "wrong"}, {"transaction_id": None}, {"gross_amount": 1}],
)
def test_the_dashboards_test_is_answered_and_forgotten(paying: Till, changes: Any) -> None:
    body = {**signed(paying, order_id="payment_notif_test_G000000001_1b1f"), **changes}
    assert paying.post(body).status_code == 200
    assert kept() == []


def test_the_simulators_test_button(paying: Till) -> None:
    order_id = paying.midtrans.test_notification()
    assert order_id.startswith("payment_notif_test_")


def test_our_own_trouble_is_a_503(paying: Till) -> None:
    """Whatever breaks: a 500 would be tried again once only."""
    body = signed(paying)
    with db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE payment_notifications RENAME TO away"))
    try:
        answer = paying.post(body)
    finally:
        with db.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE away RENAME TO payment_notifications"))
    assert (answer.status_code, answer.json["code"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert paying.post(body).status_code == 200
