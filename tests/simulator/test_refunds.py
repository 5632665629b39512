"""Refunds: which methods, how much, once per key, and two notifications each."""

from typing import Any

import pytest

from tests.simulator.merchant import Merchant
from tests.simulator.receiver import Receiver
from tests.support.simulator import ControlClient


def paid(
    merchant: Merchant, control: ControlClient, payment_type: str = "gopay", **how: Any
) -> str:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type=payment_type, **how)
    if payment_type == "credit_card":
        control.happen(order_id, "settle")
    return order_id


def test_a_whole_refund_is_told_twice(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = paid(merchant, control)

    answer = merchant.refund(order_id, refund_key="r1", reason="scratched")

    assert (answer["status_code"], answer["transaction_status"]) == ("200", "refund")
    assert (answer["refund_amount"], answer["refund_key"]) == ("150000.00", "r1")
    first, second = webhook.wait(4)[2:4]
    assert first["transaction_status"] == second["transaction_status"] == "refund"
    assert first["status_code"] == "200"
    assert first["refund_amount"] == "150000.00"
    assert first["refunds"][0]["reason"] == "scratched"
    assert "bank_confirmed_at" not in first["refunds"][0]
    assert "bank_confirmed_at" in second["refunds"][0]


def test_parts_add_up_in_cumulative_rows(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = paid(merchant, control)

    first = merchant.refund(order_id, refund_key="r1", amount=50_000)
    second = merchant.refund(order_id, refund_key="r2", amount=100_000)

    assert first["transaction_status"] == "partial_refund"
    assert (second["transaction_status"], second["refund_amount"]) == ("refund", "100000.00")
    status = merchant.status(order_id)
    assert status["refund_amount"] == "150000.00"
    assert [row["refund_key"] for row in status["refunds"]] == ["r1", "r2"]
    assert [row["refund_chargeback_id"] for row in status["refunds"]] == [1, 2]


def test_the_same_key_refunds_once(merchant: Merchant, control: ControlClient) -> None:
    order_id = paid(merchant, control)

    first = merchant.refund(order_id, refund_key="r1", amount=50_000)
    again = merchant.refund(order_id, refund_key="r1", amount=50_000)
    other = merchant.refund(order_id, refund_key="r1", amount=60_000)

    assert again["refund_chargeback_id"] == first["refund_chargeback_id"]
    assert other["status_code"] == "406"
    assert control.transaction(order_id)["attempts"][0]["refunded_amount"] == 50_000


@pytest.mark.parametrize("amount", [150_001, 0, -1])
def test_an_impossible_amount_answers_414(
    merchant: Merchant, control: ControlClient, amount: int
) -> None:
    order_id = paid(merchant, control)
    assert merchant.refund(order_id, refund_key="r1", amount=amount)["status_code"] == "414"
    assert merchant.status(order_id)["transaction_status"] == "settlement"


def test_no_more_than_the_rest_can_be_refunded(merchant: Merchant, control: ControlClient) -> None:
    order_id = paid(merchant, control)
    merchant.refund(order_id, refund_key="r1", amount=100_000)
    assert merchant.refund(order_id, refund_key="r2", amount=50_001)["status_code"] == "414"
    assert merchant.refund(order_id, refund_key="r3")["refund_amount"] == "50000.00"


@pytest.mark.parametrize(
    ("payment_type", "how"),
    [
        ("bank_transfer", {"bank": "bca"}),
        ("bank_transfer", {"bank": "permata"}),
        ("echannel", {}),
        ("cstore", {"store": "indomaret"}),
    ],
)
def test_virtual_accounts_and_counters_cannot_be_refunded(
    merchant: Merchant, control: ControlClient, payment_type: str, how: dict[str, str]
) -> None:
    order_id = paid(merchant, control, payment_type, **how)
    assert merchant.refund(order_id, refund_key="r1")["status_code"] == "412"


@pytest.mark.parametrize("payment_type", ["credit_card", "qris", "gopay", "akulaku", "kredivo"])
@pytest.mark.parametrize("direct", [True, False])
def test_refundable_methods_are_refunded_either_way(
    merchant: Merchant, control: ControlClient, payment_type: str, direct: bool
) -> None:
    order_id = paid(merchant, control, payment_type)
    answer = merchant.refund(order_id, direct=direct, refund_key="r1", amount=1_000)
    assert answer["transaction_status"] == "partial_refund"


def test_ovo_has_no_direct_refund(merchant: Merchant, control: ControlClient) -> None:
    order_id = paid(merchant, control, "ovo")
    assert merchant.refund(order_id, direct=True, refund_key="r1")["status_code"] == "412"


def test_shopeepay_is_refunded_whole_or_not_at_all(
    merchant: Merchant, control: ControlClient
) -> None:
    order_id = paid(merchant, control, "shopeepay")
    assert merchant.refund(order_id, refund_key="r1", amount=1_000)["status_code"] == "414"
    assert merchant.refund(order_id, refund_key="r2")["transaction_status"] == "refund"


def test_a_captured_card_is_canceled_and_not_refunded(
    merchant: Merchant, control: ControlClient
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="credit_card")
    assert merchant.refund(order_id, refund_key="r1")["status_code"] == "412"


@pytest.mark.parametrize(
    "asked", [{"refund_key": "with space"}, {"amount": 10.5}, {"reason": "x" * 256}]
)
def test_a_malformed_refund_answers_400(
    merchant: Merchant, control: ControlClient, asked: dict[str, Any]
) -> None:
    order_id = paid(merchant, control)
    answer = merchant.refund(order_id, **asked)
    assert answer["status_code"] == "400"
    assert answer["validation_messages"]
