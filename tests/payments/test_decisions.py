"""The decided table, spelled out once more: every event against every standing."""

from __future__ import annotations

import itertools

import pytest

from diecast_api.payments.decisions import (
    ALLOWED,
    Circumstances,
    Decision,
    OrderMove,
    Standing,
    decide,
)
from diecast_api.payments.models import PaymentStatus
from diecast_api.payments.transactions import Event

ORDINARY = Circumstances(is_active_attempt=True, is_shipped=False, was_captured_only=False)

# payment / order move / alert; a dash is "as it was", a row that is not here is ignored everywhere.
COLUMNS = ("pending", "paid_by_this", "paid_by_other", "expired", "closed", "refunded")
ROWS = {
    "success": (
        "PAID/pay/-", "-/-/-", "DUPLICATE_PAYMENT/-/paid_twice", "PAID/revive/-",
        "REFUND_DUE/-/paid_after_cancel", "REFUND_DUE/-/paid_after_refund",
    ),
    "challenge": ("CHALLENGED/-/-", *["-/-/-"] * 5),
    "authorize": ("AUTHORIZED/-/-", *["-/-/-"] * 5),
    "pending": ("PENDING/-/-", *["-/-/-"] * 5),
    "deny": ("DENIED/-/-", "REVERSED/cancel_as_reversed/-", *["-/-/-"] * 4),
    "failure": ("FAILED/-/-", "REVERSED/cancel_as_reversed/-", *["-/-/-"] * 4),
    "card_expire": ("EXPIRED/-/-", *["-/-/-"] * 5),
    "expire": ("EXPIRED/cancel_as_expired/-", *["-/-/-"] * 5),
    "cancel": (
        "CANCELED/cancel_as_payment_canceled/-", "-/-/cancel_after_settlement", *["-/-/-"] * 4,
    ),
    "partial_refund": ("PARTIALLY_REFUNDED/pay/-", "PARTIALLY_REFUNDED/-/-", *["-/-/-"] * 4),
    "refund": (
        "REFUNDED/refund_and_release/-", "REFUNDED/refund/-", *["REFUNDED/-/-"] * 4,
    ),
    "partial_chargeback": (
        "-/-/partial_chargeback", "PARTIAL_CHARGEBACK/-/partial_chargeback",
        *["-/-/partial_chargeback"] * 4,
    ),
    "chargeback": ("-/-/chargeback", "CHARGEBACK/refund/chargeback", *["-/-/chargeback"] * 4),
}  # fmt: skip
CELLS = list(itertools.product(Event, Standing))


def _written(decision: Decision) -> str:
    parts = (decision.payment, decision.order, decision.alert)
    return "/".join(str(part) if part is not None else "-" for part in parts)


@pytest.mark.parametrize(("event", "standing"), CELLS)
def test_every_cell_is_as_decided(event: Event, standing: Standing) -> None:
    row = ROWS.get(event, ("-/-/-",) * 6)
    assert _written(decide(event, standing, ORDINARY)) == row[COLUMNS.index(standing)]


@pytest.mark.parametrize("event", [Event.EXPIRE, Event.CARD_EXPIRE, Event.CANCEL])
def test_the_end_of_a_superseded_attempt_is_ignored(event: Event) -> None:
    superseded = Circumstances(is_active_attempt=False, is_shipped=False, was_captured_only=False)
    assert decide(event, Standing.PENDING, superseded) == Decision()


def test_a_capture_can_be_voided_until_it_is_settled() -> None:
    captured = Circumstances(is_active_attempt=True, is_shipped=False, was_captured_only=True)
    decision = decide(Event.CANCEL, Standing.PAID_BY_THIS, captured)
    assert decision.payment is PaymentStatus.CANCELED
    assert decision.order is OrderMove.CANCEL_AS_PAYMENT_CANCELED


@pytest.mark.parametrize("event", [Event.DENY, Event.FAILURE, Event.CANCEL])
def test_once_shipped_the_order_stays_and_a_person_looks(event: Event) -> None:
    shipped = Circumstances(is_active_attempt=True, is_shipped=True, was_captured_only=True)
    decision = decide(event, Standing.PAID_BY_THIS, shipped)
    assert decision.order is None
    assert decision.alert is not None


def test_every_payment_status_has_its_moves() -> None:
    assert set(ALLOWED) == set(PaymentStatus)


@pytest.mark.parametrize(
    "status",
    [PaymentStatus.AMOUNT_MISMATCH, PaymentStatus.DUPLICATE_PAYMENT, PaymentStatus.REFUND_DUE],
)
def test_money_that_needs_a_person_only_leaves_by_a_refund(status: PaymentStatus) -> None:
    assert ALLOWED[status] == {PaymentStatus.REFUNDED}
