"""`Idempotency-Key` on orders: one effect and one answer for each key."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api import idempotency
from diecast_api.extensions import db
from diecast_api.idempotency import IdempotencyRecord
from diecast_api.orders import service
from diecast_api.orders.models import Order
from diecast_api.orm import utc_now
from tests.orders.buyer import URL, Buyer, body_of, line
from tests.support.live import ADDRESS

MakeProduct = Callable[..., dict[str, Any]]
HEADER = "Idempotency-Key"


def count(model: type[Any]) -> int:
    with db.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count(model.id))).scalar_one()


def keyed(buyer: Buyer, body: Any, key: str) -> Any:
    return buyer.try_to_place(body, **{HEADER: key})


def test_the_same_call_gets_the_first_answer_again(buyer: Buyer, make_product: MakeProduct) -> None:
    body = body_of(line(make_product(), 2))
    first, second = keyed(buyer, body, "click-1"), keyed(buyer, body, "click-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.data == first.data
    assert second.content_type == first.content_type == "application/json"
    assert count(Order) == 1


def test_bodies_are_compared_as_json_values(
    client: FlaskClient, buyer: Buyer, make_product: MakeProduct
) -> None:
    product = make_product()
    first = keyed(buyer, body_of(line(product)), "click-1")
    address = json.dumps(dict(reversed(ADDRESS.items())), ensure_ascii=True, indent=3)
    again = client.post(
        URL,
        data=f"""{{ "shipping_address": {address},
            "items": [ {{"quantity":1, "product_id": "{product["id"]}"}} ] }}""",
        headers={**buyer.person.headers, HEADER: "click-1"},
        content_type="application/json; charset=utf-8",
    )
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.data == first.data


def test_another_body_is_refused(buyer: Buyer, make_product: MakeProduct) -> None:
    product = make_product()
    assert keyed(buyer, body_of(line(product)), "click-1").status_code == 201
    refused = keyed(buyer, body_of(line(product, 2)), "click-1")
    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_key_reused")
    assert keyed(buyer, body_of(line(product, 2)), "click-2").status_code == 201
    assert count(Order) == 2


def test_order_of_lines_is_part_of_the_body(buyer: Buyer, make_product: MakeProduct) -> None:
    first, second = line(make_product("Honda NSX")), line(make_product("Mazda RX-7"))
    assert keyed(buyer, body_of(first, second), "click-1").status_code == 201
    assert keyed(buyer, body_of(second, first), "click-1").status_code == 409


def test_the_cart_that_was_ordered_is_answered_again(
    buyer: Buyer, make_product: MakeProduct
) -> None:
    buyer.put_in_cart(make_product())
    first = keyed(buyer, body_of(), "click-1")
    buyer.put_in_cart(make_product("Honda NSX"))
    assert keyed(buyer, body_of(), "click-1").data == first.data
    assert buyer.cart()["item_count"] == 1


def test_a_call_that_failed_frees_its_key(buyer: Buyer, make_product: MakeProduct) -> None:
    product = make_product(stock=1)
    assert keyed(buyer, body_of(line(product, 2)), "click-1").json["code"] == "out_of_stock"
    assert keyed(buyer, body_of(), "click-1").json["code"] == "cart_empty"
    assert keyed(buyer, body_of(line(product, 0)), "click-1").status_code == 422
    assert count(IdempotencyRecord) == 0
    mended = keyed(buyer, body_of(line(product)), "click-1")
    assert mended.status_code == 201
    assert "Idempotent-Replayed" not in mended.headers


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_empty_or_too_long(buyer: Buyer, make_product: MakeProduct, key: str) -> None:
    refused = keyed(buyer, body_of(line(make_product())), key)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_error")
    assert list(refused.json["errors"]) == [HEADER]
    assert count(Order) == 0


@pytest.mark.parametrize("key", ["x", "x" * 255, "ÿ é", "'; --", "%s"])
def test_a_key_may_be_any_text(buyer: Buyer, make_product: MakeProduct, key: str) -> None:
    body = body_of(line(make_product()))
    first = keyed(buyer, body, key)
    assert first.status_code == 201
    assert keyed(buyer, body, key).data == first.data


def test_a_key_belongs_to_its_user(
    buyer: Buyer, other_buyer: Buyer, make_product: MakeProduct
) -> None:
    body = body_of(line(make_product()))
    first, other = keyed(buyer, body, "click-1"), keyed(other_buyer, body, "click-1")
    assert (first.status_code, other.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in other.headers
    assert first.json["id"] != other.json["id"]
    assert keyed(buyer, body, "click-1").data == first.data
    assert keyed(other_buyer, body, "click-1").data == other.data


def test_without_a_key_every_call_is_an_order(buyer: Buyer, make_product: MakeProduct) -> None:
    body = body_of(line(make_product()))
    assert buyer.try_to_place(body).json["id"] != buyer.try_to_place(body).json["id"]
    assert count(IdempotencyRecord) == 0


def test_a_replay_is_the_answer_of_then(buyer: Buyer, make_product: MakeProduct) -> None:
    body = body_of(line(make_product()))
    first = keyed(buyer, body, "click-1")
    with db.engine.begin() as connection:
        connection.execute(sa.update(Order).values(notes="changed since"))
    assert keyed(buyer, body, "click-1").data == first.data
    assert buyer.show(first.json).json["notes"] == "changed since"


def test_while_the_first_is_running_the_second_is_told_to_wait(
    buyer: Buyer, make_product: MakeProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of(line(make_product()))
    is_in, may_go_on = Event(), Event()
    place_order = service.place_order

    def slow(*arguments: Any) -> Any:
        is_in.set()
        assert may_go_on.wait(30)
        return place_order(*arguments)

    monkeypatch.setattr(service, "place_order", slow)
    answers: list[Any] = []
    first = Thread(target=lambda: answers.append(keyed(buyer, body, "click-1")))
    first.start()
    assert is_in.wait(30)
    try:
        second = keyed(buyer, body, "click-1")
    finally:
        may_go_on.set()
        first.join(30)
    assert (second.status_code, second.json["code"]) == (409, "idempotency_in_progress")
    assert second.headers["Retry-After"] == str(second.json["retry_after"])
    assert int(second.headers["Retry-After"]) > 0
    assert answers[0].status_code == 201
    assert keyed(buyer, body, "click-1").data == answers[0].data


def a_request(body: Any = None) -> idempotency.Request:
    return idempotency.Request(uuid4(), "payments", "click-1", body)


@pytest.mark.usefixtures("database")
class TestLease:
    """A key that is held over several transactions."""

    def test_nobody_else_runs_until_the_answer_is_stored(self) -> None:
        request = a_request()
        with idempotency.lease(request) as held:
            assert held.replay is None
            with (
                pytest.raises(idempotency.IdempotencyInProgress),
                idempotency.lease(request),
            ):
                pass
            with idempotency.unit_of_work():
                held.store(idempotency.Answer(201, {"b": 1, "a": 2}))
        with idempotency.lease(request) as again:
            assert again.replay == idempotency.Answer(201, {"b": 1, "a": 2}, is_replay=True)
            assert list(again.replay.document) == ["b", "a"]

    def test_a_failure_frees_the_key(self) -> None:
        request = a_request()
        with pytest.raises(ZeroDivisionError), idempotency.lease(request):
            raise ZeroDivisionError
        with idempotency.lease(request) as held:
            assert held.replay is None

    def test_a_failure_after_the_answer_keeps_it(self) -> None:
        request = a_request()

        def work() -> None:
            with idempotency.lease(request) as held:
                with idempotency.unit_of_work():
                    held.store(idempotency.Answer(200, "done"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()
        with idempotency.lease(request) as held:
            assert held.replay == idempotency.Answer(200, "done", is_replay=True)

    def test_after_a_crash_the_key_is_free_when_the_lease_is_over(self) -> None:
        request = a_request()
        with idempotency.unit_of_work():
            idempotency._claim(request, running_until=utc_now() - timedelta(seconds=1))
        with idempotency.lease(request) as held:
            assert held.replay is None
            with pytest.raises(idempotency.IdempotencyInProgress), idempotency.lease(request):
                pass

    def test_a_key_is_kept_for_a_day_and_forgotten_after(self) -> None:
        for hours in (25, 47, 49):
            with idempotency.unit_of_work() as session:
                idempotency._claim(a_request(), running_until=None)
                session.execute(
                    sa.update(IdempotencyRecord)
                    .where(IdempotencyRecord.created_at > utc_now() - timedelta(hours=1))
                    .values(created_at=utc_now() - timedelta(hours=hours))
                )
        assert idempotency.purge() == 1
        assert count(IdempotencyRecord) == 2
