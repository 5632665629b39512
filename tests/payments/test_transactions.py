"""Reading Midtrans's word: statuses, amounts, times and ids."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from diecast_api.payments.transactions import (
    Event,
    MalformedTransaction,
    Transaction,
    is_snap_api,
    is_url_segment,
    parse_time,
)

SETTLED: dict[str, Any] = {
    "order_id": "DC-1-1",
    "transaction_id": "t-1",
    "transaction_status": "settlement",
    "fraud_status": "accept",
    "status_code": "200",
    "gross_amount": "150000.00",
    "currency": "IDR",
    "payment_type": "qris",
}


def _event(**changes: Any) -> Event:
    answer = {key: value for key, value in (SETTLED | changes).items() if value is not None}
    return Transaction.from_status(answer).event


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({}, Event.SUCCESS),
        ({"transaction_status": "SETTLEMENT"}, Event.SUCCESS),
        ({"transaction_status": "capture"}, Event.SUCCESS),
        ({"fraud_status": None}, Event.SUCCESS),
        ({"fraud_status": "challenge", "status_code": "201"}, Event.CHALLENGE),
        ({"fraud_status": "deny", "status_code": "202"}, Event.DENY),
        ({"fraud_status": "new"}, Event.UNCONFIRMED),
        ({"status_code": "201"}, Event.UNCONFIRMED),
        ({"status_code": None}, Event.UNCONFIRMED),
        ({"transaction_status": "expire", "status_code": "407"}, Event.EXPIRE),
        ({"transaction_status": "expire", "payment_type": "credit_card"}, Event.CARD_EXPIRE),
        ({"transaction_status": "partial_refund", "refund_amount": "1.00"}, Event.PARTIAL_REFUND),
        ({"transaction_status": "partial_refund", "refund_amount": "150000.00"}, Event.REFUND),
        ({"transaction_status": "some_new_status"}, Event.UNKNOWN),
    ],
)
def test_what_a_state_means(changes: dict[str, Any], event: Event) -> None:
    assert _event(**changes) is event


def test_refunds_are_summed_by_row_when_there_is_no_sum() -> None:
    rows = [
        {"refund_chargeback_id": 1, "refund_amount": "50000.00"},
        {"refund_chargeback_id": 1, "refund_amount": "50000.00", "bank_confirmed_at": "later"},
        {"refund_chargeback_id": 2, "refund_amount": "20000.00"},
    ]
    answer = {**SETTLED, "transaction_status": "partial_refund", "refunds": rows}
    assert Transaction.from_status(answer).refunded == Decimal(70_000)


@pytest.mark.parametrize(
    ("gross", "currency", "extra", "fee", "matches"),
    [
        ("150000.00", "IDR", None, False, True),
        ("150000", "IDR", None, False, True),
        ("149999.99", "IDR", None, False, False),
        ("150000.00", "USD", None, False, False),
        ("151058.00", "IDR", "150000", False, False),
        ("151058.00", "IDR", "150000", True, True),
        ("151058.00", "IDR", "140000", True, False),
        ("151058.00", "IDR", None, True, False),
    ],
)
def test_amounts_are_compared_as_decimals(
    gross: str, currency: str, extra: str | None, fee: bool, matches: bool
) -> None:
    answer: dict[str, Any] = {**SETTLED, "gross_amount": gross, "currency": currency}
    if extra:
        answer["extra_info"] = {"gross_amount_info": {"original_amount": extra}}
    assert Transaction.from_status(answer).charges(150_000, with_customer_fee=fee) is matches


@pytest.mark.parametrize("missing", ["order_id", "transaction_id", "transaction_status"])
def test_an_answer_without_the_essentials_is_refused(missing: str) -> None:
    answer = {key: value for key, value in SETTLED.items() if key != missing}
    with pytest.raises(MalformedTransaction):
        Transaction.from_status(answer)


def test_times_are_gmt_7() -> None:
    assert parse_time("2026-02-03 01:30:00") == datetime(2026, 2, 2, 18, 30, tzinfo=UTC)
    assert parse_time("yesterday") is None
    assert parse_time(None) is None


@pytest.mark.parametrize(
    ("identifier", "is_safe"),
    [
        ("DC-20261123-7F3K9Q-1", True),
        ("A120240830074017NP16XMU4JTID", True),
        ("a~b._c", True),
        ("..", False),
        (".", False),
        ("x/../y", False),
        ("x#", False),
        ("x?y", False),
        ("x%2Fy", False),
        ("", False),
        ("x" * 129, False),
    ],
)
def test_ids_must_be_safe_in_a_path(identifier: str, is_safe: bool) -> None:
    assert is_url_segment(identifier) is is_safe


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"payment_type": "dana"}, True),
        ({"payment_type": "bank_transfer", "va_numbers": [{"bank": "bsi"}]}, True),
        ({"payment_type": "bank_transfer", "va_numbers": [{"bank": "bca"}]}, False),
        ({"payment_type": "bank_transfer", "va_numbers": "nonsense"}, False),
        ({}, False),
    ],
)
def test_who_is_known_by_transaction_id_alone(payload: dict[str, Any], expected: bool) -> None:
    assert is_snap_api(payload) is expected
