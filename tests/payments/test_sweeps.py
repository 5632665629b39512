"""What heals by itself: orders past their deadline, and payments nobody told us of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from diecast_api.errors import GatewayUnavailable
from diecast_api.extensions import db
from diecast_api.inventory.models import StockMovement
from diecast_api.orm import new_id, utc_now
from diecast_api.payments.models import Payment
from diecast_api.payments.service import sweeps
from tests.payments.till import STOCK, Till, change
from tests.support.crowd import at_once
from tests.support.simulator import ControlClient

LEFT = STOCK - 1
CARD = "credit_card"


@pytest.fixture
def late(paying: Till) -> Till:
    """An order whose page was opened, and whose time is over."""
    paying.let_the_time_run_out()
    return paying


def movements(till: Till) -> list[str]:
    """The types of the product's movements, oldest first."""
    with db.engine.connect() as connection:
        return list(
            connection.scalars(
                sa.select(StockMovement.type)
                .where(StockMovement.product_id == till.product["id"])
                .order_by(StockMovement.id)
            )
        )


# Expiry


def test_an_order_without_an_attempt_expires(till: Till) -> None:
    assert sweeps.expire_due_orders() == 0
    till.let_the_time_run_out()
    assert sweeps.expire_due_orders() == 1
    till.assert_is("CANCELED", left=STOCK, reason="expired")
    assert till.order()["history"][-1]["actor"] == "system"
    assert sweeps.expire_due_orders() == 0


def test_a_page_on_which_nothing_was_chosen_is_closed(late: Till) -> None:
    sweeps.expire_due_orders()
    assert late.at_midtrans()["state"] == "page canceled"
    late.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")
    assert late.order()["payment"]["status"] == "EXPIRED"


@pytest.mark.parametrize("payment_type", ["bank_transfer", "dana"])
def test_what_is_pending_is_closed(late: Till, payment_type: str) -> None:
    late.happen("choose", payment_type=payment_type)
    late.deliver()
    sweeps.expire_due_orders()
    assert late.at_midtrans()["state"] == "expire"
    late.deliver()
    late.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")
    assert movements(late) == ["received", "ordered", "released"]


def test_what_ended_without_our_being_told_is_no_obstacle(late: Till) -> None:
    late.happen("choose")
    late.happen("expire")
    sweeps.expire_due_orders()
    late.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")


@pytest.mark.parametrize("payment_type", ["bank_transfer", CARD, "gopay"])
def test_what_was_paid_is_paid(late: Till, payment_type: str) -> None:
    late.happen("pay", payment_type=payment_type)
    sweeps.expire_due_orders()
    late.assert_is("PAID", "PAID", left=LEFT)


def test_what_is_paid_while_it_is_being_closed_is_paid(late: Till) -> None:
    pending, settled = late.notification("pending", "201"), late.notification("settlement")
    late.says(status=[pending, settled], expire="412")
    sweeps.expire_due_orders()
    late.assert_is("PAID", "PAID", left=LEFT)


@pytest.mark.parametrize(
    ("event", "status"), [("challenge", "CHALLENGED"), ("authorize", "AUTHORIZED")]
)
def test_what_a_bank_holds_is_left_until_it_is_decided(late: Till, event: str, status: str) -> None:
    late.happen(event, payment_type=CARD)
    sweeps.expire_due_orders()
    late.assert_is("PENDING", status, left=LEFT)
    late.happen("deny")
    sweeps.expire_due_orders()
    late.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")


def test_a_status_we_do_not_know_is_left(late: Till) -> None:
    late.says(status=late.notification("some_new_status"), expire="412")
    sweeps.expire_due_orders()
    late.assert_is("PENDING", "PENDING", left=LEFT)


@pytest.mark.parametrize("mode", ["refuse", "500", "html", "hang"])
def test_while_midtrans_is_away_nothing_expires(
    late: Till, midtrans: ControlClient, change_midtrans: Any, mode: str
) -> None:
    change_midtrans(midtrans_timeout_seconds=0.3)
    late.happen("choose")
    midtrans.outage(mode)
    assert sweeps.expire_due_orders() == 0
    late.assert_is("PENDING", "PENDING", left=LEFT)
    midtrans.outage("none")
    assert sweeps.expire_due_orders() == 1
    late.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")


def test_one_that_cannot_be_closed_does_not_hold_up_the_others(
    make_till: Callable[..., Till],
) -> None:
    stuck = make_till()
    others = [make_till(stuck.product) for _ in range(3)]
    for till in (stuck, *others):
        till.open_page()
        till.let_the_time_run_out()
    stuck.says(status="500")
    assert sweeps.expire_due_orders() == 3
    assert [till.status for till in others] == ["CANCELED"] * 3
    assert stuck.status == "PENDING"


def test_it_stops_asking_a_midtrans_that_is_away() -> None:
    asked = []

    def ask(row_id: UUID) -> None:
        asked.append(row_id)
        if len(asked) != 2:
            raise GatewayUnavailable

    assert sweeps._each([new_id() for _ in range(10)], ask) == 1
    assert len(asked) == 2 + sweeps.FAILURES_BEFORE_GIVING_UP


@pytest.mark.parametrize("is_chosen", [True, False])
def test_two_sweeps_at_once_release_once(app: Flask, late: Till, is_chosen: bool) -> None:
    if is_chosen:
        late.happen("choose")

    def sweep() -> int:
        with app.app_context():
            return sweeps.expire_due_orders()

    at_once(sweep, sweep, sweep)
    late.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")
    assert movements(late) == ["received", "ordered", "released"]


def test_a_sweep_and_a_cancel_at_once_release_once(app: Flask, late: Till) -> None:
    late.happen("choose")

    def sweep() -> Any:
        with app.app_context():
            return sweeps.expire_due_orders()

    at_once(sweep, late.cancel)
    assert late.order()["cancel_reason"] in ("expired", "customer")
    assert late.left == STOCK
    assert movements(late) == ["received", "ordered", "released"]


def test_a_superseded_attempt_is_closed_too(paying: Till, midtrans: ControlClient) -> None:
    paying.happen("choose")
    midtrans.outage("refuse", paths="core")
    paying.create(restart=True)
    midtrans.outage("none")
    paying.let_the_time_run_out()
    sweeps.expire_due_orders()
    assert paying.at_midtrans(0)["state"] == "expire"
    paying.assert_is("CANCELED", "EXPIRED", "EXPIRED", left=STOCK, reason="expired")


# Reconciliation


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("pay", "PAID"),
        ("challenge", "CHALLENGED"),
        ("authorize", "AUTHORIZED"),
        ("deny", "DENIED"),
        ("fail", "FAILED"),
    ],
)
def test_a_lost_notification_heals(paying: Till, event: str, status: str) -> None:
    paying.happen(event, payment_type=CARD)
    assert sweeps.reconcile() == 1
    paying.assert_is("PAID" if status == "PAID" else "PENDING", status, left=LEFT)


@pytest.mark.parametrize(
    ("event", "payment", "reason"),
    [("expire", "EXPIRED", "expired"), ("cancel", "CANCELED", "payment_canceled")],
)
def test_a_lost_end_heals(paying: Till, event: str, payment: str, reason: str) -> None:
    paying.happen("choose")
    paying.happen(event)
    sweeps.reconcile()
    paying.assert_is("CANCELED", payment, left=STOCK, reason=reason)


@pytest.mark.parametrize("event", ["deny", "fail", "expire"])
def test_a_later_try_on_the_same_page_heals(paying: Till, event: str) -> None:
    paying.happen("choose", payment_type=CARD)
    paying.happen(event)
    paying.deliver()
    paying.happen("pay", payment_type="gopay")
    sweeps.reconcile()
    paying.assert_is("PAID", "PAID", left=LEFT)


def test_a_left_over_attempt_of_a_paid_order_is_closed(paying: Till) -> None:
    paying.open_page(restart=True)
    paying.tell("settlement", attempt=0)
    paying.assert_is("PAID", "PAID", "PENDING", left=LEFT)
    assert paying.at_midtrans(1)["state"] == "page open"
    sweeps.reconcile()
    assert paying.at_midtrans(1)["state"] == "page canceled"
    paying.assert_is("PAID", "PAID", "CANCELED", left=LEFT)
    assert sweeps.reconcile() == 0


def test_a_left_over_attempt_that_was_paid_too_is_a_duplicate(paying: Till) -> None:
    paying.open_page(restart=True)
    paying.tell("settlement", attempt=0)
    paying.happen("pay", attempt=1)
    sweeps.reconcile()
    paying.assert_is("PAID", "PAID", "DUPLICATE_PAYMENT", left=LEFT)


def test_the_longest_unasked_comes_first(
    make_till: Callable[..., Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 1)
    first = make_till()
    second = make_till(first.product)
    for till in (first, second):
        till.open_page()
        till.happen("pay")
    earlier = utc_now() - timedelta(hours=1)
    change(Payment, first.attempts()[0]["id"], checked_at=utc_now())
    change(Payment, second.attempts()[0]["id"], checked_at=earlier)
    assert sweeps.reconcile() == 1
    assert (first.status, second.status) == ("PENDING", "PAID")
    sweeps.reconcile()
    assert first.status == "PAID"


def test_what_is_final_is_not_asked_about(paying: Till, midtrans: ControlClient) -> None:
    paying.tell("settlement")
    midtrans.outage("refuse")
    assert sweeps.reconcile() == 0


def test_while_midtrans_is_away_nothing_is_reconciled(
    paying: Till, midtrans: ControlClient
) -> None:
    paying.happen("pay")
    midtrans.outage("500")
    assert sweeps.reconcile() == 0
    midtrans.outage("none")
    assert sweeps.reconcile() == 1
    assert paying.status == "PAID"
