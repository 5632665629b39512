"""The decided table end to end: notification, inbox, GET status, order, payment and stock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from diecast_api.extensions import db
from diecast_api.payments.models import Payment
from tests.payments.till import API, PRICE, STOCK, Till
from tests.support.people import Person

LEFT = STOCK - 1
HALF = f"{PRICE // 2}.00"
CARD = "credit_card"


@pytest.fixture
def ship(client: FlaskClient, make_user: Callable[..., Person]) -> Callable[[Till], None]:
    """Have the order sent off."""

    def send(till: Till) -> None:
        clerk = make_user("orders")
        for status in ("PROCESSING", "SHIPPED"):
            path = f"{API}/admin/orders/{till.order_id}"
            answer = client.patch(path, json={"status": status}, headers=clerk.headers)
            assert answer.status_code == 200, answer.json

    return send


@pytest.fixture
def empty_shelf(client: FlaskClient, owner: Person) -> Callable[[Till], None]:
    """Nothing of the product is left."""

    def clear(till: Till) -> None:
        path = f"{API}/admin/products/{till.product['id']}/stock"
        body = {"set_to": 0, "reason": "counted"}
        assert client.post(path, json=body, headers=owner.headers).status_code == 200

    return clear


def attention(till: Till, payment: int = -1) -> str | None:
    """Why a person must look at a payment."""
    with db.engine.connect() as connection:
        reason: str | None = (
            connection.execute(
                Payment.__table__.select().where(Payment.id == till.attempts()[payment]["id"])
            )
            .one()
            .attention
        )
    return reason


def expired(paying: Till) -> Till:
    paying.tell("expire", "202", said={**paying.notification("expire", "407")})
    paying.assert_is("CANCELED", "EXPIRED", left=STOCK, reason="expired")
    return paying


# Success


def test_a_second_attempt_that_is_paid_too_is_a_duplicate(paying: Till) -> None:
    paying.open_page(restart=True)
    paying.tell("settlement", attempt=1)
    paying.tell("settlement", attempt=0)
    paying.assert_is("PAID", "DUPLICATE_PAYMENT", "PAID", left=LEFT)
    assert attention(paying, 0) == "paid_twice"
    assert paying.order()["payment"]["status"] == "PAID"


def test_a_second_payment_on_the_same_page_has_a_row_of_its_own(paying: Till) -> None:
    paying.tell("settlement", tx="T1")
    for _ in range(2):
        paying.tell("settlement", tx="T2", payment_type="gopay")
        paying.assert_is("PAID", "PAID", "DUPLICATE_PAYMENT", left=LEFT)
    first, second = paying.attempts()
    assert first["midtrans_order_id"] == second["midtrans_order_id"]
    assert first["transaction_id"].endswith("T1")
    assert second["transaction_id"].endswith("T2")
    assert (second["method"], second["amount"]) == ("gopay", PRICE)
    paying.tell("refund", tx="T2", payment_type="gopay", refund_amount=f"{PRICE}.00")
    paying.assert_is("PAID", "PAID", "REFUNDED", left=LEFT)
    assert [row["refunded_amount"] for row in paying.attempts()] == [0, PRICE]


def test_a_duplicate_does_not_take_the_number_of_the_next_attempt(paying: Till) -> None:
    """The first sum was wrong, the second transaction on its page too: the buyer may go on."""
    for tx in ("T1", "T2"):
        paying.tell("settlement", tx=tx, gross_amount="1000.00")
    paying.assert_is("PENDING", "AMOUNT_MISMATCH", "AMOUNT_MISMATCH", left=LEFT)
    assert paying.create().status_code == 201
    paying.tell("settlement", tx="T3")
    assert paying.payment_statuses == ["AMOUNT_MISMATCH", "AMOUNT_MISMATCH", "PAID"]
    assert paying.status == "PAID"


def test_late_money_for_a_customers_cancel_is_due_back(paying: Till) -> None:
    paying.cancel()
    paying.tell("settlement")
    paying.assert_is("CANCELED", "REFUND_DUE", left=STOCK, reason="customer")
    assert attention(paying) == "paid_after_cancel"
    assert paying.order()["payment"]["status"] == "REFUND_DUE"
    paying.tell("settlement", status_message="again")
    paying.tell("refund", refund_amount=f"{PRICE}.00")
    paying.assert_is("CANCELED", "REFUNDED", left=STOCK, reason="customer")


def test_late_money_revives_an_expired_order(paying: Till) -> None:
    expired(paying).tell("settlement")
    paying.assert_is("PAID", "PAID", left=LEFT)
    statuses = [entry["status"] for entry in paying.order()["history"]]
    assert statuses == ["PENDING", "CANCELED", "PAID"]


def test_late_money_without_stock_is_due_back(
    paying: Till, empty_shelf: Callable[[Till], None]
) -> None:
    expired(paying)
    empty_shelf(paying)
    paying.tell("settlement")
    paying.assert_is("CANCELED", "REFUND_DUE", left=0, reason="expired")
    assert attention(paying) == "late_money_without_stock"


def test_late_money_twice_revives_once(paying: Till) -> None:
    paying.open_page(restart=True)
    expired_attempt = paying.notification("expire", "407")
    paying.tell("expire", "202", said=expired_attempt)
    paying.tell("settlement", attempt=0)
    paying.tell("settlement", tx="T2", attempt=1)
    paying.assert_is("PAID", "PAID", "DUPLICATE_PAYMENT", left=LEFT)


def test_money_after_a_refund(paying: Till) -> None:
    paying.tell("settlement")
    paying.tell("refund", refund_amount=f"{PRICE}.00")
    paying.tell("settlement", status_message="again")
    paying.assert_is("REFUNDED", "REFUNDED", left=LEFT)
    paying.tell("settlement", tx="T2")
    paying.assert_is("REFUNDED", "REFUNDED", "REFUND_DUE", left=LEFT)


@pytest.mark.parametrize("code", ["201", "202"])
def test_success_needs_its_code(paying: Till, code: str) -> None:
    paying.tell("settlement", code)
    paying.assert_is("PENDING", "PENDING", left=LEFT)


def test_a_wrong_amount_of_an_expired_order_revives_nothing(paying: Till) -> None:
    expired(paying).tell("settlement", gross_amount="149999.00")
    paying.assert_is("CANCELED", "AMOUNT_MISMATCH", left=STOCK, reason="expired")
    assert attention(paying) == "amount_mismatch"
    assert paying.order()["payment"]["status"] == "AMOUNT_MISMATCH"


def test_the_right_amount_after_a_wrong_one_pays(paying: Till) -> None:
    paying.tell("settlement", tx="T1", gross_amount="149999.00")
    paying.tell("settlement", tx="T2")
    paying.assert_is("PAID", "AMOUNT_MISMATCH", "PAID", left=LEFT)


def test_the_refund_of_a_wrong_amount_leaves_the_order_alone(paying: Till) -> None:
    paying.tell("settlement", gross_amount="149999.00")
    paying.tell("refund", gross_amount="149999.00", refund_amount="149999.00")
    paying.assert_is("PENDING", "REFUNDED", left=LEFT)
    assert paying.create().status_code == 201


@pytest.mark.parametrize("amount", ["150000", "150000.0", "150000.00"])
def test_amounts_are_compared_as_decimals(paying: Till, amount: str) -> None:
    paying.tell("settlement", gross_amount=amount)
    assert paying.status == "PAID"


# The customer's fee


WITH_FEE = {
    "gross_amount": "154000.00",
    "extra_info": {"gross_amount_info": {"original_amount": f"{PRICE}"}},
}


def test_a_fee_counts_where_the_shop_switched_it_on(paying: Till, change_midtrans: Any) -> None:
    change_midtrans(midtrans_customer_fee=True)
    paying.tell("settlement", **WITH_FEE)
    paying.assert_is("PAID", "PAID", left=LEFT)
    paying.tell("refund", refund_amount="154000.00", **WITH_FEE)
    paying.assert_is("REFUNDED", "REFUNDED", left=LEFT)
    assert paying.attempts()[0]["refunded_amount"] == 154_000


def test_a_fee_is_wrong_where_it_is_off(paying: Till) -> None:
    paying.tell("settlement", **WITH_FEE)
    paying.assert_is("PENDING", "AMOUNT_MISMATCH", left=LEFT)


@pytest.mark.parametrize("said", [None, "140000", "NaN", "much"])
def test_only_get_status_explains_a_fee(
    paying: Till, change_midtrans: Any, said: str | None
) -> None:
    change_midtrans(midtrans_customer_fee=True)
    status = paying.notification("settlement", **WITH_FEE)
    status["extra_info"] = {"gross_amount_info": {"original_amount": said}} if said else None
    paying.tell("settlement", said=status, **WITH_FEE)
    assert paying.status == "PENDING"
    assert paying.payment_statuses in (["AMOUNT_MISMATCH"], ["PENDING"])


# Challenge, authorisation, pending, refusal


def test_a_challenge_is_decided_for(paying: Till) -> None:
    paying.tell("capture", "201", fraud_status="challenge", payment_type=CARD)
    paying.assert_is("PENDING", "CHALLENGED", left=LEFT)
    paying.tell("pending", "201", payment_type=CARD)
    assert paying.payment_statuses == ["CHALLENGED"]
    paying.tell("capture", payment_type=CARD)
    paying.assert_is("PAID", "PAID", left=LEFT)


def test_a_challenge_is_decided_against(paying: Till) -> None:
    paying.tell("capture", "201", fraud_status="challenge", payment_type=CARD)
    paying.tell("deny", "202", fraud_status="deny", payment_type=CARD)
    paying.assert_is("PENDING", "DENIED", left=LEFT)


@pytest.mark.parametrize("status", ["pending", "authorize", "capture", "deny", "expire"])
def test_what_is_no_money_does_not_touch_an_order_paid_by_another(
    paying: Till, status: str
) -> None:
    paying.open_page(restart=True)
    paying.tell("settlement", attempt=1)
    paying.tell(status, "202", fraud_status="challenge", attempt=0)
    paying.assert_is("PAID", "CANCELED", "PAID", left=LEFT)
    paying.tell(status, "202", tx="T2", fraud_status="challenge", attempt=1)
    paying.assert_is("PAID", "CANCELED", "PAID", left=LEFT)


def test_a_pending_word_that_comes_late_does_not_undo_a_refusal(paying: Till) -> None:
    paying.tell("deny", "202", payment_type=CARD)
    paying.tell("pending", "201", payment_type=CARD)
    paying.assert_is("PENDING", "DENIED", left=LEFT)
    paying.tell("pending", "201", tx="T2")
    paying.assert_is("PENDING", "PENDING", left=LEFT)


@pytest.mark.parametrize("status", ["expire", "cancel"])
def test_an_older_try_that_ends_does_not_end_the_newer_one(paying: Till, status: str) -> None:
    """Two tries on one page: the buyer is busy with the second one."""
    paying.tell("pending", "201", tx="T1")
    paying.tell("pending", "201", tx="T2")
    paying.tell(status, "202", tx="T1", said=paying.notification(status, "200"))
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    paying.tell("settlement", tx="T2")
    assert paying.status == "PAID"


# Reversal and void


def test_a_reversal_takes_the_order_back(paying: Till) -> None:
    paying.happen("pay", bank="permata")
    paying.deliver()
    paying.happen("reverse")
    paying.deliver()
    paying.assert_is("CANCELED", "REVERSED", left=STOCK, reason="payment_reversed")
    assert paying.order()["payment"]["status"] == "REVERSED"


def test_a_reversal_after_shipping_is_for_a_person(
    paying: Till, ship: Callable[[Till], None]
) -> None:
    paying.tell("settlement")
    ship(paying)
    paying.tell("deny", "202")
    paying.assert_is("SHIPPED", "REVERSED", left=LEFT)
    assert attention(paying) == "reversed_after_shipping"


def test_a_capture_is_voided(paying: Till) -> None:
    paying.happen("pay", payment_type=CARD)
    paying.deliver()
    assert paying.status == "PAID"
    paying.happen("cancel")
    paying.deliver()
    paying.assert_is("CANCELED", "CANCELED", left=STOCK, reason="payment_canceled")


def test_a_void_after_shipping_is_for_a_person(paying: Till, ship: Callable[[Till], None]) -> None:
    paying.tell("capture", payment_type=CARD)
    ship(paying)
    paying.tell("cancel", "202", payment_type=CARD)
    paying.assert_is("SHIPPED", "CANCELED", left=LEFT)
    assert attention(paying) is not None


def test_what_is_settled_cannot_be_voided(paying: Till) -> None:
    paying.tell("capture", payment_type=CARD)
    paying.tell("settlement", payment_type=CARD)
    paying.tell("cancel", "202", payment_type=CARD)
    paying.assert_is("PAID", "PAID", left=LEFT)
    assert attention(paying) == "cancel_after_settlement"


def test_money_after_a_reversal_is_due_back(paying: Till) -> None:
    paying.tell("settlement")
    paying.tell("deny", "202")
    paying.tell("settlement", tx="T2")
    paying.assert_is("CANCELED", "REFUND_DUE", left=STOCK, reason="payment_reversed")


# Refunds


def test_a_partial_refund_proves_a_payment_that_was_not_seen(paying: Till) -> None:
    paying.tell("partial_refund", refund_amount=HALF)
    paying.assert_is("PAID", "PARTIALLY_REFUNDED", left=LEFT)
    [payment] = paying.attempts()
    assert payment["refunded_amount"] == PRICE // 2
    assert payment["paid_at"] is not None
    paying.tell("settlement")
    paying.assert_is("PAID", "PARTIALLY_REFUNDED", left=LEFT)
    paying.tell("refund", refund_amount=f"{PRICE}.00")
    paying.assert_is("REFUNDED", "REFUNDED", left=LEFT)


def test_refunds_are_cumulative_and_never_shrink(paying: Till) -> None:
    paying.tell("settlement")
    for amount, total in (("60000.00", 60_000), ("90000.00", 90_000), ("60000.00", 90_000)):
        paying.tell("partial_refund", refund_amount=amount)
        assert paying.attempts()[0]["refunded_amount"] == total
    assert paying.status == "PAID"


@pytest.mark.parametrize("first_news", ["partial_refund", "refund"])
def test_a_surplus_that_goes_back_before_it_was_seen(paying: Till, first_news: str) -> None:
    paying.tell("settlement", tx="T1")
    refunded = HALF if first_news == "partial_refund" else f"{PRICE}.00"
    for _ in range(2):
        paying.tell(first_news, tx="T2", refund_amount=refunded)
    surplus = "DUPLICATE_PAYMENT" if first_news == "partial_refund" else "REFUNDED"
    paying.assert_is("PAID", "PAID", surplus, left=LEFT)
    assert paying.attempts()[1]["refunded_amount"] == int(float(refunded))
    paying.tell("refund", tx="T2", refund_amount=f"{PRICE}.00")
    paying.assert_is("PAID", "PAID", "REFUNDED", left=LEFT)


def test_late_money_that_went_back_in_part_revives_too(paying: Till) -> None:
    expired(paying).tell("partial_refund", refund_amount=HALF)
    paying.assert_is("PAID", "PARTIALLY_REFUNDED", left=LEFT)


def test_late_money_that_went_back_whole(paying: Till) -> None:
    expired(paying).tell("refund", refund_amount=f"{PRICE}.00")
    paying.assert_is("CANCELED", "REFUNDED", left=STOCK, reason="expired")


def test_a_refund_of_a_shipped_order_does_not_restock(
    paying: Till, ship: Callable[[Till], None]
) -> None:
    paying.tell("settlement")
    ship(paying)
    paying.tell("refund", refund_amount=f"{PRICE}.00")
    paying.assert_is("REFUNDED", "REFUNDED", left=LEFT)


# Chargebacks


def test_a_chargeback(paying: Till) -> None:
    paying.tell("settlement", payment_type=CARD)
    paying.tell("partial_chargeback", payment_type=CARD)
    paying.assert_is("PAID", "PARTIAL_CHARGEBACK", left=LEFT)
    assert attention(paying) == "partial_chargeback"
    paying.tell("chargeback", payment_type=CARD)
    paying.assert_is("REFUNDED", "CHARGEBACK", left=LEFT)
    assert attention(paying) == "chargeback"


@pytest.mark.parametrize("status", ["chargeback", "partial_chargeback"])
def test_a_chargeback_of_something_else_is_for_a_person(paying: Till, status: str) -> None:
    paying.tell(status, payment_type=CARD)
    paying.assert_is("PENDING", "PENDING", left=LEFT)
    assert attention(paying) == status
    assert paying.cancel().status_code == 200


# Who speaks for an order


def test_the_active_attempt_speaks_until_one_pays(paying: Till) -> None:
    paying.tell("deny", "202")
    assert paying.order()["payment"]["status"] == "DENIED"
    paying.open_page(restart=True)
    assert paying.order()["payment"]["status"] == "PENDING"
    paying.tell("settlement", attempt=0, payment_type="gopay")
    assert paying.order()["payment"]["status"] == "PAID"
    assert paying.order()["payment"]["method"] == "gopay"
