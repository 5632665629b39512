"""What the shop does while a part of it is away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
import sqlalchemy as sa

from tests.support.live import LiveShop, Visitor, wait_until

PAUSE_SECONDS = 5.0


@pytest.fixture
def redis_client(live_shop: LiveShop) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(live_shop.environment["REDIS_URL"]) as client:
        yield client


@contextmanager
def redis_hanging(client: redis.Redis) -> Iterator[None]:
    """Redis takes connections and answers nobody, as one that is stuck does.

    The other tests' Redis databases are on the same server, so it is held for a moment only.
    """
    client.execute_command("CLIENT", "PAUSE", int(PAUSE_SECONDS * 1000), "ALL")
    yield


def test_a_midtrans_that_hangs_is_said_and_a_retry_pays(live_shop: LiveShop) -> None:
    control = live_shop.simulator.client
    buyer: Visitor = live_shop.person()
    order = buyer.order(live_shop.product())
    control.outage("hang", paths="snap", seconds=5)
    try:
        answer = buyer.call("POST", "/payments/create", {"order_id": order["id"]})
    finally:
        control.outage("none")
    assert answer.status_code == 503
    assert answer.json()["code"] == "gateway_unavailable"
    assert int(answer.headers["Retry-After"]) > 0

    page = buyer.pay(order)
    assert page["redirect_url"].startswith(live_shop.simulator.url)
    attempts = buyer.payments(order)
    assert [attempt["status"] for attempt in attempts] == ["PENDING"]


@pytest.mark.parametrize(("mode", "status"), [("500", 502), ("html", 502), ("refuse", 503)])
def test_a_midtrans_that_is_broken_changes_nothing(
    live_shop: LiveShop, mode: str, status: int
) -> None:
    control = live_shop.simulator.client
    buyer: Visitor = live_shop.person()
    product = live_shop.product()
    order = buyer.order(product)
    buyer.pay(order)
    control.outage(mode, paths="all")
    try:
        answer = buyer.call("POST", f"/orders/{order['id']}/cancel")
    finally:
        control.outage("none")
    assert answer.status_code == status
    assert buyer.get(f"/orders/{order['id']}")["status"] == "PENDING"

    canceled = buyer.post(f"/orders/{order['id']}/cancel", expect=200)
    assert canceled["status"] == "CANCELED"
    assert canceled["payment"]["status"] == "CANCELED"
    assert live_shop.owner().get(f"/products/{product['id']}")["stock"] == product["stock"]


def test_a_lost_notification_heals_itself(live_shop: LiveShop) -> None:
    control = live_shop.simulator.client
    buyer: Visitor = live_shop.person()
    order = buyer.order(live_shop.product())
    buyer.pay(order)
    attempt = buyer.payments(order)[0]["midtrans_order_id"]
    control.mischief(attempt, lose=True)
    control.happen(attempt, "pay", payment_type="qris")
    assert buyer.wait_for_status(order, "PAID")["payment"]["method"] == "qris"


def test_money_that_comes_after_the_deadline_revives_the_order(
    live_shop: LiveShop, live_database: sa.Engine
) -> None:
    control = live_shop.simulator.client
    buyer: Visitor = live_shop.person()
    order = buyer.order(live_shop.product())
    buyer.pay(order)
    attempt = buyer.payments(order)[0]["midtrans_order_id"]
    control.happen(attempt, "choose", payment_type="bank_transfer", bank="bca")
    control.happen(attempt, "expire")
    buyer.wait_for_status(order, "CANCELED")
    control.happen(attempt, "pay", force=True)
    revived = buyer.wait_for_status(order, "PAID")
    assert revived["cancel_reason"] is None


def test_a_dead_redis_does_not_fail_an_order(
    live_shop: LiveShop, redis_client: redis.Redis, live_database: sa.Engine
) -> None:
    """The notification is kept while Redis is stuck, and worked on when it is back."""
    control = live_shop.simulator.client
    buyer: Visitor = live_shop.person()
    product = live_shop.product()
    with redis_hanging(redis_client):
        order = buyer.order(product)
        buyer.pay(order)
        attempt = buyer.payments(order)[0]["midtrans_order_id"]
        control.happen(attempt, "pay", payment_type="qris")
        control.wait_until_told(attempt)
        with live_database.connect() as connection:
            kept = connection.execute(
                sa.text("SELECT count(*) FROM payment_notifications WHERE midtrans_order_id = :id"),
                {"id": attempt},
            ).scalar_one()
        assert kept >= 1
    assert buyer.wait_for_status(order, "PAID")


def test_a_worker_killed_at_work_loses_nothing(live_shop: LiveShop) -> None:
    buyer: Visitor = live_shop.person()
    order = buyer.order(live_shop.product())
    buyer.pay(order)
    attempt = buyer.payments(order)[0]["midtrans_order_id"]
    live_shop.stop("worker", how=signal.SIGKILL)
    live_shop.simulator.client.happen(attempt, "pay", payment_type="gopay")
    live_shop.simulator.client.wait_until_told(attempt)
    live_shop.start("worker")
    assert buyer.wait_for_status(order, "PAID")


def test_every_line_of_the_logs_is_json_and_names_its_request(live_shop: LiveShop) -> None:
    buyer: Visitor = live_shop.person()
    order = buyer.order(live_shop.product())
    buyer.pay(order)
    attempt = buyer.payments(order)[0]["midtrans_order_id"]
    live_shop.simulator.client.happen(attempt, "pay", payment_type="qris")
    buyer.wait_for_status(order, "PAID")

    def lines(path: Path) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]

    def handled() -> bool:
        done = [line for line in lines(live_shop.log("worker")) if line.get("event") == "task_done"]
        return any(
            line["task"] == "payments.handle_notification" and line.get("request_id")
            for line in done
        )

    wait_until(handled, "the worker's log tells of the notification")
