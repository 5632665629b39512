"""`POST /payments/{order_id}/sync`: Midtrans is asked, and nobody else is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from diecast_api import create_app
from diecast_api.config import Settings
from diecast_api.extensions import limiter
from tests.conftest import IsolatedClient
from tests.payments.till import API, STOCK, Till
from tests.support.people import Person
from tests.support.simulator import ControlClient

LEFT = STOCK - 1
SYNCS_A_MINUTE = 12


def test_a_payment_is_found(paying: Till) -> None:
    paying.happen("pay", bank="permata")
    answer = paying.sync()
    assert answer.status_code == 200
    assert (answer.json["id"], answer.json["status"]) == (paying.order_id, "PAID")
    assert answer.json["payment"]["status"] == "PAID"
    assert answer.json["payment"]["method"] == "bank_transfer"
    assert answer.json["payment"]["paid_at"].endswith("Z")
    paying.assert_is("PAID", "PAID", left=LEFT)
    paying.deliver()
    assert [entry["status"] for entry in paying.order()["history"]] == ["PENDING", "PAID"]


@pytest.mark.parametrize("query", ["", "?transaction_status=settlement&status_code=200"])
def test_nothing_new_changes_nothing(paying: Till, query: str) -> None:
    path = f"{API}/payments/{paying.order_id}/sync{query}"
    answer = paying.client.post(path, headers=paying.buyer.headers)
    assert answer.status_code == (422 if query else 200)
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_what_the_browser_brings_back_is_refused(paying: Till) -> None:
    path = f"{API}/payments/{paying.order_id}/sync"
    forged = {"transaction_status": "settlement", "order_id": paying.midtrans_id()}
    answer = paying.client.post(path, json=forged, headers=paying.buyer.headers)
    assert answer.status_code == 422
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_every_attempt_is_asked_about(paying: Till) -> None:
    """The first one was paid after all, although another took its place."""
    paying.open_page(restart=True)
    paying.says(attempt=0, status=paying.notification("settlement", attempt=0))
    assert paying.sync().json["status"] == "PAID"
    assert paying.payment_statuses == ["PAID", "PENDING"]


@pytest.mark.parametrize("event", ["deny", "fail"])
def test_a_refused_attempt_may_have_been_paid_since(paying: Till, event: str) -> None:
    paying.happen(event, payment_type="credit_card")
    paying.deliver()
    paying.happen("pay")
    assert paying.sync().json["status"] == "PAID"
    paying.assert_is("PAID", "PAID", left=LEFT)


def test_it_is_known_by_its_transaction_id_where_the_order_id_is_not(paying: Till) -> None:
    """DANA: GET status by order id knows nothing, and names the transaction as its order."""
    paying.happen("choose", payment_type="dana")
    paying.deliver()
    paying.happen("pay")
    assert paying.sync().json["status"] == "PAID"


def test_without_an_attempt_nobody_is_asked(till: Till, midtrans: ControlClient) -> None:
    midtrans.outage("refuse")
    assert till.sync().json["status"] == "PENDING"


@pytest.mark.parametrize(("mode", "status"), [("refuse", 503), ("html", 502)])
def test_midtrans_is_away(paying: Till, midtrans: ControlClient, mode: str, status: int) -> None:
    paying.happen("pay")
    midtrans.outage(mode)
    assert paying.sync().status_code == status
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_somebody_elses_order_is_unknown(paying: Till, make_user: Callable[..., Person]) -> None:
    paying.happen("pay")
    assert paying.sync(who=make_user()).status_code == 404
    assert paying.status == "PENDING"
    path = f"{API}/payments/{paying.order_id}/sync"
    assert paying.client.post(path).status_code == 401


@pytest.fixture
def limited(app: Flask, database: None, environment: dict[str, str]) -> Iterator[FlaskClient]:
    """A client of an application that limits, with nothing counted yet."""
    application = create_app(Settings.from_environment({**environment, "RATE_LIMITS": "on"}))
    application.test_client_class = IsolatedClient
    with application.app_context():
        limiter.reset()
    yield application.test_client(use_cookies=False)
    limiter.enabled = False


def test_it_is_limited_for_each_customer(
    limited: FlaskClient, till: Till, make_user: Callable[..., Person]
) -> None:
    other = make_user()
    path = f"{API}/payments/{till.order_id}/sync"
    for _ in range(SYNCS_A_MINUTE):
        assert limited.post(path, headers=till.buyer.headers).status_code == 200
    answer = limited.post(path, headers=till.buyer.headers)
    assert (answer.status_code, answer.json["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert limited.post(path, headers=other.headers).status_code == 404
