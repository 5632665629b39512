"""The inbox: verified by GET status before any effect, tried again, worked on once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from diecast_api.extensions import db
from diecast_api.orm import new_id, utc_now
from diecast_api.payments.models import PaymentNotification
from diecast_api.payments.service import inbox
from tests.payments.till import STOCK, Till, change

LEFT = STOCK - 1


def row() -> Any:
    """The one notification there is."""
    with db.engine.connect() as connection:
        return connection.execute(sa.select(PaymentNotification.__table__)).one()


def make_due() -> None:
    """Let the time of the next try come."""
    change(PaymentNotification, row().id, next_attempt_at=utc_now())


def send(till: Till, body: dict[str, Any]) -> None:
    assert till.post(body).status_code == 200
    till.run_jobs()


@pytest.mark.parametrize("trouble", ["not_found", "500", "html", "refuse", "401", "429"])
def test_without_get_status_it_stays_and_is_tried_again(paying: Till, trouble: str) -> None:
    paying.says(status=trouble)
    body = paying.notification("settlement")
    send(paying, body)
    first = row()
    assert first.handled_at is None
    assert first.attempts == 1
    assert utc_now() < first.next_attempt_at
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    assert inbox.sweep() == 0

    make_due()
    assert inbox.sweep() == 1
    paying.run_jobs()
    assert row().attempts == 2

    paying.says(status=body)
    make_due()
    inbox.sweep()
    paying.run_jobs()
    assert (row().outcome, row().handled_at is None) == ("paid", False)
    paying.assert_is("PAID", "PAID", left=LEFT)
    assert inbox.sweep() == 0


def test_it_waits_longer_each_time_and_gives_up_in_the_end(paying: Till) -> None:
    paying.says(status="not_found")
    send(paying, paying.notification("settlement"))
    waits = []
    for _ in range(3):
        make_due()
        asked_at: datetime = utc_now()
        inbox.handle(row().id)
        waits.append(row().next_attempt_at - asked_at)
    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[0] - timedelta(seconds=2)
    change(PaymentNotification, row().id, attempts=1000)
    make_due()
    inbox.handle(row().id)
    assert timedelta(minutes=59) < row().next_attempt_at - utc_now() <= inbox.LONGEST_RETRY

    make_due()
    long_ago = utc_now() - inbox.GIVE_UP_AFTER - timedelta(seconds=1)
    change(PaymentNotification, row().id, received_at=long_ago)
    inbox.handle(row().id)
    assert (row().outcome, row().handled_at is None) == (inbox.NEVER_VERIFIED, False)
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_a_worker_that_dies_leaves_it_to_the_sweep(paying: Till) -> None:
    assert paying.post(paying.notification("settlement")).status_code == 200
    assert inbox._claim(row().id) is not None
    assert inbox._claim(row().id) is None
    paying.says(status=paying.notification("settlement"))
    paying.run_jobs()
    assert paying.status == "PENDING"
    make_due()
    inbox.sweep()
    paying.run_jobs()
    assert paying.status == "PAID"


@pytest.mark.parametrize(
    "changes",
    [
        {"order_id": "DC-20260101-AAAAAA-1"},
        {"transaction_id": "T-OTHER"},
        {"order_id": "T-OTHER", "transaction_id": "T-OTHER"},
    ],
)
def test_a_status_of_another_order_is_set_aside(paying: Till, changes: dict[str, str]) -> None:
    body = paying.notification("settlement")
    paying.says(status={**body, **changes})
    send(paying, body)
    assert (row().outcome, row().handled_at is None) == (inbox.OTHER_ORDER, False)
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_danas_transaction_id_in_the_place_of_the_order_id(paying: Till) -> None:
    body = paying.notification("settlement", payment_type="dana")
    paying.says(status={**body, "order_id": body["transaction_id"]})
    send(paying, body)
    paying.assert_is("PAID", "PAID", left=LEFT)


def test_somebody_elses_dana_payment_is_set_aside(paying: Till, make_till: Any) -> None:
    """Its answer names no order, but our books do."""
    other = make_till(paying.product)
    other.open_page()
    theirs = other.notification("settlement", payment_type="dana")
    other.says(status={**theirs, "order_id": theirs["transaction_id"]})
    send(other, theirs)
    assert other.status == "PAID"
    transaction_id = theirs["transaction_id"]
    stolen = paying.notification("settlement", payment_type="dana", transaction_id=transaction_id)
    send(paying, stolen)
    assert paying.status == "PENDING"
    assert other.payment_statuses == ["PAID"]


def test_danas_own_way_through_the_simulator(paying: Till) -> None:
    paying.happen("pay", payment_type="dana")
    paying.deliver()
    paying.assert_is("PAID", "PAID", left=LEFT)


@pytest.mark.parametrize("status", ["SETTLEMENT", "Settlement"])
def test_statuses_are_read_in_any_case(paying: Till, status: str) -> None:
    paying.tell(status)
    assert row().outcome == "paid"
    assert paying.status == "PAID"


def test_a_status_that_disagrees_is_asked_for_again_when_it_is_told_again(paying: Till) -> None:
    """Midtrans was not up to date with itself the first time."""
    body = paying.notification("settlement")
    paying.says(status=paying.notification("pending", "201"))
    send(paying, body)
    assert row().outcome == inbox.DISAGREES
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    paying.says(status=body)
    send(paying, body)
    assert row().outcome == "paid"
    paying.assert_is("PAID", "PAID", left=LEFT)
    paying.says(status=paying.notification("expire", "407"))
    send(paying, body)
    assert (row().outcome, row().deliveries) == ("paid", 3)
    assert paying.status == "PAID"


def test_a_forged_success_changes_nothing(paying: Till) -> None:
    """Its signature is good: the status itself is not signed."""
    paying.happen("choose")
    transaction_id = paying.at_midtrans()["attempts"][0]["transaction_id"]
    send(paying, paying.notification("settlement", transaction_id=transaction_id))
    assert row().outcome == inbox.DISAGREES
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_a_status_we_do_not_know_is_recorded(paying: Till) -> None:
    paying.tell("some_new_status")
    assert (row().outcome, row().handled_at is None) == ("ignored", False)
    paying.assert_is("PENDING", "PENDING", left=LEFT)


@pytest.mark.parametrize("missing", ["transaction_status", "gross_amount", "order_id"])
def test_an_answer_that_lacks_the_essentials_is_no_answer(paying: Till, missing: str) -> None:
    body = paying.notification("settlement")
    paying.says(status={name: value for name, value in body.items() if name != missing})
    send(paying, body)
    assert row().handled_at is None
    assert paying.status == "PENDING"


def test_a_notification_that_is_gone_is_no_trouble(database: None) -> None:
    inbox.handle(new_id())
