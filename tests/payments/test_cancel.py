"""Canceling an order: closed at Midtrans first, then here, once, and never what was paid."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from flask import Flask

from diecast_api.clients.midtrans import Midtrans
from tests.payments.till import API, STOCK, Till
from tests.support.crowd import at_once
from tests.support.people import Person
from tests.support.simulator import ControlClient

LEFT = STOCK - 1


def assert_canceled(till: Till, *payments: str, by: str = "customer") -> None:
    till.assert_is("CANCELED", *payments, left=STOCK, reason=by)


def test_without_an_attempt(till: Till) -> None:
    answer = till.cancel()
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["cancel_reason"]) == ("CANCELED", "customer")
    assert [entry["status"] for entry in answer.json["history"]] == ["PENDING", "CANCELED"]
    assert answer.json["history"][-1]["actor"] == "customer"
    assert_canceled(till)


def test_a_page_on_which_nothing_was_chosen_is_closed(paying: Till) -> None:
    assert paying.cancel().status_code == 200
    assert paying.at_midtrans()["state"] == "page canceled"
    assert_canceled(paying, "CANCELED")
    assert paying.order()["payment"]["status"] == "CANCELED"


@pytest.mark.parametrize("payment_type", ["bank_transfer", "qris", "dana"])
def test_what_was_chosen_is_voided(paying: Till, payment_type: str) -> None:
    paying.happen("choose", payment_type=payment_type)
    paying.deliver()
    assert paying.cancel().status_code == 200
    assert paying.at_midtrans()["state"] == "cancel"
    paying.deliver()
    assert_canceled(paying, "CANCELED")


def test_what_was_chosen_a_moment_ago_is_voided(paying: Till) -> None:
    paying.happen("choose")
    assert paying.cancel().status_code == 200
    assert paying.at_midtrans()["state"] == "cancel"
    assert_canceled(paying, "CANCELED")


def test_what_midtrans_hides_is_not_canceled(paying: Till) -> None:
    """DANA is known by its transaction id alone; until we are told of it only its page shows it."""
    paying.happen("choose", payment_type="dana")
    assert paying.cancel().status_code == 503
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    paying.deliver()
    assert paying.cancel().status_code == 200
    assert_canceled(paying, "CANCELED")


@pytest.mark.parametrize("event", ["authorize", "challenge"])
def test_what_a_bank_holds_is_voided(paying: Till, event: str) -> None:
    paying.happen(event, payment_type="credit_card")
    paying.deliver()
    assert paying.cancel().status_code == 200
    assert paying.at_midtrans()["state"] == "cancel"
    assert_canceled(paying, "CANCELED")


def test_a_refused_try_does_not_stand_in_the_way(paying: Till) -> None:
    paying.happen("deny", payment_type="credit_card")
    paying.deliver()
    assert paying.cancel().status_code == 200
    assert_canceled(paying, "CANCELED")
    with pytest.raises(AssertionError, match="already canceled"):
        paying.happen("choose")


@pytest.mark.parametrize("event", ["cancel", "expire"])
def test_what_is_over_at_midtrans_does_not_stand_in_the_way(paying: Till, event: str) -> None:
    """Its notification is lost, and its page says that something is in progress."""
    paying.happen("choose")
    paying.happen(event)
    assert paying.cancel().status_code == 200
    assert_canceled(paying, "CANCELED")


def test_a_cancel_whose_answer_was_lost_can_be_repeated(
    paying: Till, midtrans: ControlClient
) -> None:
    paying.happen("choose")
    paying.deliver()
    midtrans.script(paying.at_midtrans()["attempts"][0]["transaction_id"], cancel="refuse")
    assert paying.cancel().status_code == 503
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    paying.happen("cancel")
    assert paying.cancel().status_code == 200
    assert_canceled(paying, "CANCELED")


@pytest.mark.parametrize("payment_type", ["bank_transfer", "credit_card"])
def test_what_was_paid_meanwhile_is_paid(paying: Till, payment_type: str) -> None:
    paying.happen("pay", payment_type=payment_type)
    answer = paying.cancel()
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_cancelable")
    assert answer.json["order_status"] == "PAID"
    paying.assert_is("PAID", "PAID", left=LEFT)


def test_what_is_paid_while_it_is_being_closed_is_paid(paying: Till) -> None:
    settled = paying.notification("settlement")
    pending = paying.notification("pending", "201")
    paying.says(status=[pending, settled], cancel="412")
    assert paying.cancel().status_code == 409
    paying.assert_is("PAID", "PAID", left=LEFT)


def test_a_method_chosen_at_the_last_moment_is_voided(paying: Till) -> None:
    """GET status knows nothing yet, and then Snap says that something is in progress."""
    paying.says(status=["not_found", paying.notification("pending", "201")], cancel="200")
    paying.happen("choose")
    assert paying.cancel().status_code == 200
    assert_canceled(paying, "CANCELED")


@pytest.mark.parametrize("answer", ["412", "404", "202"])
def test_what_midtrans_does_not_close_is_not_canceled(paying: Till, answer: str) -> None:
    paying.says(status=paying.notification("pending", "201"), cancel=answer)
    assert paying.cancel().status_code in (502, 503)
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_a_status_we_do_not_know_is_not_taken_for_an_end(paying: Till) -> None:
    paying.says(status=paying.notification("some_new_status"), cancel="412")
    assert paying.cancel().status_code == 503
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_an_answer_about_another_order_changes_nothing(paying: Till) -> None:
    paying.says(status={**paying.notification("settlement"), "order_id": "SOMEBODY-ELSE-1"})
    assert paying.cancel().status_code == 502
    assert paying.sync().status_code == 502
    paying.assert_is("PENDING", "PENDING", left=LEFT)


@pytest.mark.parametrize(("mode", "status"), [("refuse", 503), ("hang", 503), ("500", 502)])
@pytest.mark.parametrize("paths", ["core", "all"])
def test_nothing_changes_while_midtrans_is_away(
    paying: Till,
    midtrans: ControlClient,
    change_midtrans: Any,
    mode: str,
    status: int,
    paths: str,
) -> None:
    change_midtrans(midtrans_timeout_seconds=0.5)
    page = paying.open_page()
    midtrans.outage(mode, paths=paths)
    assert paying.cancel().status_code == status
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    midtrans.outage("none")
    assert paying.create().json == page
    assert paying.cancel().status_code == 200
    assert_canceled(paying, "CANCELED")


def test_a_half_closed_page_is_not_given_out_again(paying: Till, midtrans: ControlClient) -> None:
    """The page is closed, then Midtrans goes away: whoever wants to pay gets a page that works."""
    token = paying.open_page()["snap_token"]
    midtrans.script(paying.midtrans_id(), cancel="500")
    assert paying.cancel().status_code == 502
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    midtrans.no_script(paying.midtrans_id(0))
    page = paying.open_page()
    assert page["snap_token"] != token
    assert paying.at_midtrans()["state"] == "page open"
    assert paying.at_midtrans()["token"] == page["snap_token"]


def test_an_order_without_an_attempt_needs_no_midtrans(till: Till, midtrans: ControlClient) -> None:
    midtrans.outage("refuse")
    assert till.cancel().status_code == 200


def test_twice_at_once_releases_once(paying: Till) -> None:
    paying.happen("choose")
    answers = at_once(paying.cancel, paying.cancel, paying.cancel)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert_canceled(paying, "CANCELED")


def test_midtrans_tells_of_the_void_before_we_are_done(
    app: Flask, paying: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is still canceled by its customer, who is answered so."""
    paying.happen("choose")
    paying.deliver()
    void = Midtrans.cancel

    def tell() -> None:
        with app.app_context():
            paying.deliver()

    def void_and_tell(self: Midtrans, transaction: str, **how: Any) -> None:
        void(self, transaction, **how)
        at_once(tell)

    monkeypatch.setattr(Midtrans, "cancel", void_and_tell)
    answer = paying.cancel()
    assert (answer.status_code, answer.json["cancel_reason"]) == (200, "customer")
    assert_canceled(paying, "CANCELED")


def test_nobody_gets_a_page_while_an_order_is_being_canceled(
    paying: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_page = Midtrans.cancel_page
    is_closing, may_go_on = Event(), Event()

    def slowly(self: Midtrans, token: str) -> None:
        is_closing.set()
        may_go_on.wait(timeout=0.5)
        close_page(self, token)

    monkeypatch.setattr(Midtrans, "cancel_page", slowly)

    def pay_meanwhile() -> Any:
        assert is_closing.wait(timeout=10)
        return paying.create()

    canceled, created = at_once(paying.cancel, pay_meanwhile)
    assert canceled.status_code == 200
    assert (created.status_code, created.json["code"]) == (409, "order_not_payable")


def test_all_live_attempts_are_closed(paying: Till, midtrans: ControlClient) -> None:
    """A restart that could not close the first attempt leaves two."""
    paying.happen("choose")
    midtrans.outage("refuse", paths="core")
    paying.create(restart=True)
    midtrans.outage("none")
    assert paying.payment_statuses == ["PENDING", "PENDING"]
    assert paying.cancel().status_code == 200
    assert paying.at_midtrans(0)["state"] == "cancel"
    assert_canceled(paying, "CANCELED", "CANCELED")


@pytest.mark.parametrize("status", ["CANCELED", "PAID"])
def test_what_is_over_cannot_be_canceled(paying: Till, status: str) -> None:
    if status == "PAID":
        paying.tell("settlement")
    else:
        paying.cancel()
    answer = paying.cancel()
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_cancelable")
    assert answer.json["order_status"] == status


def test_somebody_elses_order_is_unknown(till: Till, make_user: Callable[..., Person]) -> None:
    assert till.cancel(who=make_user()).status_code == 404
    assert till.cancel(who=make_user("owner")).status_code == 404
    till.assert_is("PENDING", left=LEFT)


def test_staff_cancel_with_a_reason_of_their_own(
    paying: Till, make_user: Callable[..., Person]
) -> None:
    path = f"{API}/admin/orders/{paying.order_id}/cancel"
    assert paying.client.post(path, json={}, headers=paying.buyer.headers).status_code == 403
    clerk = make_user("orders")
    body = {"note": "The buyer rang."}
    answer = paying.client.post(path, json=body, headers=clerk.headers)
    assert answer.status_code == 200, answer.json
    assert answer.json["history"][-1]["note"] == "The buyer rang."
    assert paying.at_midtrans()["state"] == "page canceled"
    assert_canceled(paying, "CANCELED", by="admin")
