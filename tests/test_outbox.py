"""The outbox and its relay, with a Redis that comes and goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from devstack.services import Services
from diecast_api import outbox, outbox_relay, task_names
from diecast_api.config import Settings
from diecast_api.extensions import celery, db
from diecast_api.flask_config import celery_config
from diecast_api.logs import bind_request_id
from diecast_api.outbox import OutboxMessage
from diecast_api.unit_of_work import unit_of_work
from tests.orders.buyer import Buyer, body_of, line
from tests.support.live import free_port
from tests.support.people import Person

GENEROUS_SECONDS = 2.0
TASK = task_names.HANDLE_NOTIFICATION


class Broker:
    """A Redis of our own, that can be taken away."""

    def __init__(self, folder: Path) -> None:
        self._services = Services(
            folder, ports={"redis": free_port()}, wanted=["redis"], is_durable=False
        )
        self.url = self._services["redis"].environment()["REDIS_URL"]

    def start(self) -> None:
        self._services.start()

    def stop(self) -> None:
        self._services.stop()

    def queued(self, task_name: str) -> int:
        with redis.Redis.from_url(self.url) as client:
            length: Any = client.llen(task_names.QUEUE_OF[task_name])
            return int(length)

    def messages(self, task_name: str) -> list[Any]:
        with redis.Redis.from_url(self.url) as client:
            found: Any = client.lrange(task_names.QUEUE_OF[task_name], 0, -1)
            return list(found)


@pytest.fixture
def broker(
    app: Flask, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Broker]:
    """Celery's broker, running and with nothing in it."""
    own = Broker(tmp_path / "services")
    own.start()
    settings = Settings.from_environment(environment)
    celery.conf.update(
        celery_config(Settings.from_environment({**environment, "REDIS_URL": own.url}))
    )
    _forget_connections()
    monkeypatch.setattr(outbox, "_skip_kicks_until", 0.0)
    yield own
    own.stop()
    celery.conf.update(celery_config(settings))
    _forget_connections()


def _forget_connections() -> None:
    celery.amqp._producer_pool = None
    celery._pool = None


def enqueue(count: int = 1) -> None:
    with unit_of_work():
        for number in range(count):
            outbox.enqueue(TASK, notification_id=str(number))


def waiting() -> int:
    with db.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count(OutboxMessage.id))).scalar_one()


def seconds_of(act: Callable[[], Any]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


@pytest.mark.usefixtures("database")
class TestWithRedis:
    """Redis is there."""

    def test_a_commit_wakes_the_relay(self, broker: Broker) -> None:
        enqueue()
        assert broker.queued(task_names.RELAY_OUTBOX) == 1

    def test_what_was_rolled_back_is_not_sent(self, broker: Broker) -> None:
        def work() -> None:
            with unit_of_work():
                outbox.enqueue(TASK, notification_id="1")
                db.session.flush()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()
        assert waiting() == 0
        assert broker.queued(task_names.RELAY_OUTBOX) == 0

    def test_nothing_to_send_wakes_nobody(self, broker: Broker) -> None:
        with unit_of_work():
            pass
        assert broker.queued(task_names.RELAY_OUTBOX) == 0

    @pytest.mark.parametrize("count", [1, 100, 250])
    def test_the_relay_sends_everything_once(self, broker: Broker, count: int) -> None:
        bind_request_id("checkout-42")
        enqueue(count)
        assert outbox_relay.relay() == count
        assert waiting() == 0
        assert outbox_relay.relay() == 0
        sent = broker.messages(TASK)
        assert len(sent) == count
        assert sum(b"checkout-42" in message for message in sent) == count

    def test_a_row_that_another_relay_holds_is_left_to_it(self, broker: Broker) -> None:
        enqueue(3)
        with db.engine.begin() as connection:
            first = sa.select(OutboxMessage.id).order_by(OutboxMessage.id).limit(1)
            connection.execute(first.with_for_update())
            assert outbox_relay.relay() == 2
        assert waiting() == 1
        assert outbox_relay.relay() == 1


@pytest.mark.usefixtures("database")
class TestWithoutRedis:
    """Redis goes away while connections to it are open, and comes back."""

    def test_nothing_fails_and_nothing_is_lost(self, broker: Broker) -> None:
        enqueue()
        broker.stop()
        assert seconds_of(enqueue) < GENEROUS_SECONDS
        assert seconds_of(enqueue) < GENEROUS_SECONDS
        with pytest.raises(Exception, match=r"(?i)connect"):
            outbox_relay.relay()
        assert waiting() == 3

        broker.start()
        assert outbox_relay.relay() == 3
        assert waiting() == 0
        assert broker.queued(TASK) == 3

    def test_only_one_request_in_a_while_tries_a_dead_redis(
        self, broker: Broker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broker.stop()
        enqueue()
        tried: list[str] = []
        monkeypatch.setattr(celery, "send_task", lambda name, **_: tried.append(name))
        enqueue()
        assert tried == []
        monkeypatch.setattr(outbox, "_skip_kicks_until", time.monotonic())
        enqueue()
        assert tried == [task_names.RELAY_OUTBOX]

    def test_an_order_is_placed_without_it(
        self, broker: Broker, client: Any, customer: Person, make_product: Any
    ) -> None:
        product = make_product()
        broker.stop()
        buyer = Buyer(client, customer)
        answers: list[Any] = []
        body = body_of(line(product))
        assert seconds_of(lambda: answers.append(buyer.try_to_place(body))) < GENEROUS_SECONDS
        assert answers[0].status_code == 201
        assert buyer.show(answers[0].json).status_code == 200
