"""`POST /payments/create`: one live page for an order, and a retry that is always safe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask import Flask

from diecast_api import idempotency
from diecast_api.orm import utc_now
from diecast_api.payments.models import Payment
from diecast_api.unit_of_work import unit_of_work
from tests.conftest import SERVER_KEY
from tests.payments.till import API, PRICE, STOCK, Till, change
from tests.support.crowd import at_once
from tests.support.people import Person
from tests.support.simulator import ControlClient, SimulatorProcess

LEFT = STOCK - 1


def open_at_midtrans(simulator: SimulatorProcess, midtrans_id: str) -> None:
    """Somebody makes a page under this order id, and chooses a virtual account on it."""
    body = {"transaction_details": {"order_id": midtrans_id, "gross_amount": PRICE}}
    answer = requests.post(
        f"{simulator.snap_base_url}/transactions", json=body, auth=(SERVER_KEY, ""), timeout=10
    )
    assert answer.status_code == 201
    simulator.client.happen(midtrans_id, "choose", bank="bni")


def test_the_page_is_new_once_and_then_the_same(till: Till) -> None:
    first, second = till.create(), till.create()
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json == first.json
    assert first.json["order_id"] == till.order_id
    assert first.json["expires_at"] == till.order()["expires_at"]
    assert first.json["snap_token"] == till.at_midtrans()["token"]
    assert first.json["snap_token"] in first.json["redirect_url"]
    till.assert_is("PENDING", "PENDING", left=LEFT)
    assert till.order()["payment"]["status"] == "PENDING"


def test_snap_is_told_the_sum_and_the_deadline(till: Till) -> None:
    till.open_page()
    known = till.at_midtrans()
    assert known["gross_amount"] == PRICE
    deadline = datetime.fromisoformat(till.order()["expires_at"])
    page_ends = datetime.fromisoformat(known["page_expires_at"])
    assert timedelta(seconds=-2) <= page_ends - deadline <= timedelta(minutes=1)


def test_snap_is_told_the_lines_and_the_way_back(till: Till) -> None:
    page = requests.get(till.open_page()["redirect_url"], timeout=10)
    assert till.product["name"] in page.text
    assert f"https://shop.example.com/orders/{till.order_id}" in page.text


@pytest.mark.parametrize("status", ["pending", "deny", "capture", "authorize"])
def test_a_page_in_use_is_given_again(paying: Till, status: str) -> None:
    code = "202" if status == "deny" else "201"
    fraud = "challenge" if status == "capture" else "accept"
    token = paying.open_page()["snap_token"]
    paying.tell(status, code, payment_type="credit_card", fraud_status=fraud)
    assert paying.create().json["snap_token"] == token


def test_restart_closes_the_page_and_makes_another(paying: Till) -> None:
    old = paying.open_page()
    answer = paying.create(restart=True)
    assert answer.status_code == 201
    assert answer.json["snap_token"] != old["snap_token"]
    paying.assert_is("PENDING", "CANCELED", "PENDING", left=LEFT)
    assert paying.midtrans_id(0) != paying.midtrans_id(1)
    assert paying.at_midtrans(0)["state"] == "page canceled"
    assert paying.at_midtrans(1)["state"] == "page open"
    assert paying.create().json["snap_token"] == answer.json["snap_token"]


@pytest.mark.parametrize("payment_type", ["bank_transfer", "dana"])
def test_restart_voids_what_was_chosen(paying: Till, payment_type: str) -> None:
    paying.happen("choose", payment_type=payment_type)
    paying.deliver()
    assert paying.create(restart=True).status_code == 201
    assert paying.at_midtrans(0)["state"] == "cancel"
    paying.deliver(attempt=0)
    paying.assert_is("PENDING", "CANCELED", "PENDING", left=LEFT)


def test_restart_without_a_page_makes_the_first(till: Till) -> None:
    assert till.create(restart=True).status_code == 201
    till.assert_is("PENDING", "PENDING", left=LEFT)


def test_restart_finds_that_it_was_paid(paying: Till) -> None:
    paying.happen("pay")
    answer = paying.create(restart=True)
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_payable")
    assert answer.json["order_status"] == "PAID"
    paying.assert_is("PAID", "PAID", "CANCELED", left=LEFT)


def test_a_restart_whose_answer_is_lost_does_not_cost_the_order(
    paying: Till, midtrans: ControlClient
) -> None:
    """Midtrans has voided the account and tells so; that must not cancel the order."""
    paying.happen("choose")
    paying.deliver()
    token = paying.open_page()["snap_token"]
    midtrans.outage("lost", paths="core")
    answer = paying.create(restart=True)
    assert (answer.status_code, answer.json["code"]) == (503, "gateway_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    midtrans.outage("none")
    paying.happen("cancel", attempt=0)
    paying.deliver(attempt=0)
    assert paying.status == "PENDING"
    again = paying.create()
    assert again.status_code == 201
    assert again.json["snap_token"] != token
    paying.assert_is("PENDING", "CANCELED", "PENDING", left=LEFT)


@pytest.mark.parametrize(
    ("event", "status"), [("fail", "FAILED"), ("expire", "EXPIRED"), ("deny", "DENIED")]
)
def test_after_a_try_that_failed(paying: Till, event: str, status: str) -> None:
    """A refused buyer goes on on the same page; after an end there is a new one."""
    token = paying.open_page()["snap_token"]
    paying.happen("choose", payment_type="credit_card")
    paying.happen(event, force=True)
    paying.deliver()
    assert paying.payment_statuses == [status]
    answer = paying.create()
    if status == "DENIED":
        assert (answer.status_code, answer.json["snap_token"]) == (200, token)
    else:
        assert (answer.status_code, answer.json["snap_token"] == token) == (201, False)
        paying.assert_is("PENDING", "CANCELED", "PENDING", left=LEFT)
        assert paying.at_midtrans(0)["state"] == event.replace("fail", "failure")


# Two at once


def test_two_clicks_make_one_page(till: Till, midtrans: ControlClient) -> None:
    midtrans.outage("slow", paths="snap", seconds=0.5)
    answers = at_once(*[till.create] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json["snap_token"] for answer in answers}) == 1
    assert till.at_midtrans()["token"] == answers[0].json["snap_token"]
    assert len(till.attempts()) == 1


def test_two_restarts_leave_one_live_page(paying: Till, midtrans: ControlClient) -> None:
    midtrans.outage("slow", paths="snap", seconds=0.2)
    answers = at_once(*[lambda: paying.create(restart=True)] * 2)
    assert {answer.status_code for answer in answers} <= {200, 201}
    midtrans.outage("none")
    states = [paying.at_midtrans(n)["state"] for n in range(len(paying.attempts()))]
    assert states.count("page open") == 1
    assert paying.open_page()["snap_token"] == paying.at_midtrans()["token"]


def test_an_order_that_is_canceled_while_snap_is_asked_gets_no_page(
    till: Till, midtrans: ControlClient
) -> None:
    midtrans.outage("slow", paths="snap", seconds=1)

    def cancel_meanwhile() -> Any:
        while not till.attempts():
            pass
        return till.cancel()

    created, canceled = at_once(till.create, cancel_meanwhile)
    assert canceled.status_code == 200
    assert (created.status_code, created.json["code"]) == (409, "order_not_payable")
    assert till.at_midtrans()["state"] == "page canceled"
    till.assert_is("CANCELED", "CANCELED", left=STOCK, reason="customer")


# Midtrans in trouble


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("500", 502, "gateway_error"),
        ("html", 502, "gateway_error"),
        ("refuse", 503, "gateway_unavailable"),
        ("hang", 503, "gateway_unavailable"),
        ("lost", 503, "gateway_unavailable"),
    ],
)
def test_trouble_is_told_and_a_retry_is_safe(
    till: Till, midtrans: ControlClient, change_midtrans: Any, mode: str, status: int, code: str
) -> None:
    change_midtrans(midtrans_timeout_seconds=0.5)
    midtrans.outage(mode, paths="snap")
    answer = till.create()
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert (status == 503) == ("Retry-After" in answer.headers)
    till.assert_is("PENDING", "PENDING", left=LEFT)
    midtrans.outage("none")
    again = till.create()
    assert again.status_code == 201
    till.assert_is("PENDING", "PENDING", left=LEFT)
    assert till.at_midtrans()["token"] == again.json["snap_token"]


def test_a_refusal_is_told_and_the_next_try_has_another_id(
    till: Till, change_midtrans: Any, app: Flask
) -> None:
    right = app.extensions["midtrans"]
    change_midtrans(midtrans_server_key="SB-Mid-server-WRONG")
    answer = till.create()
    assert (answer.status_code, answer.json["code"]) == (502, "gateway_error")
    assert "SB-Mid" not in answer.text
    till.assert_is("PENDING", "FAILED", left=LEFT)
    app.extensions["midtrans"] = right
    assert till.create().status_code == 201
    assert till.payment_statuses[-1] == "PENDING"
    assert till.midtrans_id(0) != till.midtrans_id(1)


@pytest.mark.parametrize("language", ["en", "id"])
def test_an_order_id_that_is_taken_is_closed_and_the_next_one_used(
    till: Till, simulator: SimulatorProcess, midtrans: ControlClient, language: str
) -> None:
    midtrans.settings(language=language)
    open_at_midtrans(simulator, f"{till.number}-1")
    answer = till.create()
    assert answer.status_code == 201
    assert till.midtrans_id() == f"{till.number}-2"
    assert midtrans.transaction(f"{till.number}-1")["state"] == "cancel"
    till.deliver(attempt=0)
    till.assert_is("PENDING", "CANCELED", "PENDING", left=LEFT)


def test_an_order_id_that_is_taken_and_paid_pays_the_order(
    till: Till, simulator: SimulatorProcess
) -> None:
    open_at_midtrans(simulator, f"{till.number}-1")
    simulator.client.happen(f"{till.number}-1", "pay")
    answer = till.create()
    assert (answer.status_code, answer.json["order_status"]) == (409, "PAID")
    till.assert_is("PAID", "PAID", "CANCELED", left=LEFT)


def test_it_gives_up_when_every_id_is_taken(till: Till, simulator: SimulatorProcess) -> None:
    for number in range(1, 8):
        open_at_midtrans(simulator, f"{till.number}-{number}")
    assert till.create().status_code == 503
    assert len(till.attempts()) == 5
    assert till.create().status_code == 201


# Who and when


def test_a_window_that_is_over_is_not_payable(till: Till) -> None:
    till.let_the_time_run_out()
    answer = till.create()
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_payable")
    assert till.attempts() == []


@pytest.mark.parametrize("restart", [None, True])
def test_an_order_that_is_over_is_not_payable(paying: Till, restart: bool | None) -> None:
    paying.tell("settlement")
    answer = paying.create(restart=restart)
    assert (answer.status_code, answer.json["order_status"]) == (409, "PAID")


def test_somebody_elses_order_is_unknown(till: Till, make_user: Callable[..., Person]) -> None:
    for stranger in (make_user(), make_user("owner")):
        answer = till.create(who=stranger)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert till.attempts() == []
    path = f"{API}/orders/{till.order_id}/payments"
    assert till.client.get(path, headers=make_user().headers).status_code == 404


def test_nobody_pays_without_signing_in(till: Till) -> None:
    assert till.client.post(f"{API}/payments/create", json={}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"order_id": "1"},
        {"order_id": None},
        {"order_id": str(uuid4()), "restart": "yes"},
        {"order_id": str(uuid4()), "amount": 1},
        [],
    ],
)
def test_wrong_bodies_are_refused(till: Till, body: Any) -> None:
    answer = till.client.post(f"{API}/payments/create", json=body, headers=till.buyer.headers)
    assert (answer.status_code, answer.json["code"]) == (422, "validation_error")


# Idempotency-Key


def test_a_key_gets_the_first_answer_again(till: Till) -> None:
    first, second = till.create(key="click"), till.create(key="click")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_a_restart_with_a_key_restarts_once(paying: Till) -> None:
    first, second = (paying.create(restart=True, key="click") for _ in range(2))
    assert second.json == first.json
    assert len(paying.attempts()) == 2


def test_a_key_with_another_body_is_refused(paying: Till) -> None:
    paying.create(key="click")
    answer = paying.create(key="click", restart=True)
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_key_reused")


def test_a_call_that_failed_frees_its_key(till: Till, midtrans: ControlClient) -> None:
    midtrans.outage("500", paths="snap")
    assert till.create(key="click").status_code == 502
    midtrans.outage("none")
    answer = till.create(key="click")
    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers


def test_a_key_whose_call_runs_is_in_progress(till: Till, midtrans: ControlClient) -> None:
    midtrans.outage("slow", paths="snap", seconds=0.5)
    answers = at_once(*[lambda: till.create(key="click")] * 2)
    by_status = {answer.status_code: answer for answer in answers}
    assert by_status[409].json["code"] == "idempotency_in_progress"
    assert int(by_status[409].headers["Retry-After"]) > 0
    assert 201 in by_status
    assert len(till.attempts()) == 1


def test_after_a_crash_the_leases_run_out(till: Till, midtrans: ControlClient) -> None:
    """A process that dies while Snap is asked leaves a key and an attempt that are held."""
    midtrans.outage("500", paths="snap")
    till.create()
    midtrans.outage("none")
    over = utc_now() - timedelta(seconds=1)
    change(Payment, till.attempts()[0]["id"], calling_until=over)
    with unit_of_work():
        body = {"order_id": till.order_id}
        request = idempotency.Request(till.buyer.id, "payments", "click", body)
        assert idempotency._claim(request, running_until=over) is None
    midtrans_id = till.midtrans_id()
    assert till.create(key="click").status_code == 201
    assert till.midtrans_id() == midtrans_id
    assert till.create(key="click").headers["Idempotent-Replayed"] == "true"
