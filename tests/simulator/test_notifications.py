"""How the shop is told: signature, fields, times, and retries by its answer."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulator.merchant import Merchant
from tests.simulator.receiver import Receiver
from tests.support.simulator import ControlClient, SimulatorProcess

COMMON = {
    "transaction_time",
    "transaction_status",
    "transaction_id",
    "status_message",
    "status_code",
    "signature_key",
    "payment_type",
    "order_id",
    "merchant_id",
    "gross_amount",
    "currency",
}


def signature(body: dict[str, Any], key: str) -> str:
    signed = body["order_id"] + body["status_code"] + body["gross_amount"] + key
    return hashlib.sha512(signed.encode()).hexdigest()


def test_the_signature_is_that_of_the_published_example(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    merchant.create("ORDER-sandbox-0001")
    control.happen("ORDER-sandbox-0001", "pay")
    assert webhook.wait(2)[1]["signature_key"].startswith("d65b4adf15335095fe1b")


@pytest.mark.parametrize(
    ("event", "code"), [("pay", "200"), ("deny", "202"), ("expire", "202"), ("cancel", "202")]
)
def test_every_notification_is_signed_with_its_own_code(
    merchant: Merchant,
    control: ControlClient,
    webhook: Receiver,
    simulator: SimulatorProcess,
    event: str,
    code: str,
) -> None:
    order_id = merchant.create()
    control.happen(order_id, event)

    pending, last = webhook.wait(2)

    assert (pending["transaction_status"], pending["status_code"]) == ("pending", "201")
    assert last["status_code"] == code
    for body in (pending, last):
        assert body["signature_key"] == signature(body, simulator.server_key)
    status = merchant.status(order_id)
    assert status["signature_key"] == signature(status, simulator.server_key)


@pytest.mark.parametrize(
    ("payment_type", "how", "pending", "paid"),
    [
        (
            "credit_card",
            {},
            {"masked_card", "bank", "card_type", "eci", "three_ds_version"},
            {"approval_code", "channel_response_code", "channel_response_message"},
        ),
        ("bank_transfer", {"bank": "bca"}, {"va_numbers", "payment_amounts"}, {"settlement_time"}),
        ("bank_transfer", {"bank": "bni"}, {"va_numbers", "payment_amounts"}, {"settlement_time"}),
        ("bank_transfer", {"bank": "permata"}, {"permata_va_number"}, {"settlement_time"}),
        ("echannel", {}, {"biller_code", "bill_key"}, {"settlement_time"}),
        (
            "qris",
            {},
            {"acquirer"},
            {"settlement_time", "issuer", "transaction_type", "merchant_cross_reference_id"},
        ),
        ("gopay", {}, set(), {"settlement_time", "payment_option_type"}),
        (
            "shopeepay",
            {},
            set(),
            {"settlement_time", "shopeepay_reference_number", "reference_id"},
        ),
        ("dana", {}, set(), {"settlement_time"}),
        ("cstore", {"store": "alfamart"}, {"store", "payment_code"}, {"settlement_time"}),
    ],
)
def test_each_method_has_its_own_fields(
    merchant: Merchant,
    control: ControlClient,
    webhook: Receiver,
    payment_type: str,
    how: dict[str, str],
    pending: set[str],
    paid: set[str],
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type=payment_type, **how)

    first, second = webhook.wait(2)

    assert set(first) == COMMON | {"fraud_status"} | pending
    assert set(second) == set(first) | paid
    assert first["payment_type"] == payment_type


def test_only_bni_fills_payment_amounts(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="bank_transfer", bank="bni")
    pending, paid = webhook.wait(2)
    assert pending["payment_amounts"] == []
    assert paid["payment_amounts"][0]["amount"] == "150000.00"


def test_indomaret_has_no_fraud_status(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="cstore", store="indomaret")
    assert all("fraud_status" not in body for body in webhook.wait(2))
    assert "fraud_status" not in merchant.status(order_id)


def test_a_refused_card_has_no_approval_code(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "deny", payment_type="credit_card")
    denied = webhook.wait(2)[1]
    assert "approval_code" not in denied
    assert denied["channel_response_message"] == "Do not honor"


def test_times_are_wib_without_a_zone(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay")

    paid = webhook.wait(2)[1]

    for name in ("transaction_time", "settlement_time"):
        told = datetime.strptime(f"{paid[name]} +0700", "%Y-%m-%d %H:%M:%S %z")
        assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)


def test_custom_fields_come_back(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create(custom_field1="shelf 4", custom_field3="gift")
    control.happen(order_id, "choose")
    for body in (webhook.wait(1)[0], merchant.status(order_id)):
        assert (body["custom_field1"], body["custom_field3"]) == ("shelf 4", "gift")


def test_the_request_looks_like_midtrans(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    control.happen(merchant.create(), "choose")
    webhook.wait(1)
    headers = webhook.received[0].headers
    assert headers["User-Agent"] == "Veritrans"
    assert headers["Content-Type"] == headers["Accept"] == "application/json"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("status", "attempts"),
    [
        (200, 1),
        (204, 1),
        (500, 2),
        (503, 5),
        (400, 3),
        (404, 3),
        (301, 1),
        (302, 1),
        (303, 1),
        (401, 6),
        (403, 6),
        (429, 6),
        (502, 6),
    ],
)
def test_the_answer_decides_on_the_retries(
    merchant: Merchant, control: ControlClient, webhook: Receiver, status: int, attempts: int
) -> None:
    webhook.status = status
    order_id = merchant.create()
    control.happen(order_id, "choose")

    notification = control.wait_until_told(order_id)["notifications"][0]

    assert [answer["status"] for answer in notification["answers"]] == [status] * attempts
    assert notification["state"] == ("delivered" if status < 300 else "failed")
    assert len(webhook.received) == attempts
    assert all(body == webhook.bodies()[0] for body in webhook.bodies())


def test_the_newest_answer_decides(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    webhook.first = [503, 404, 500]
    order_id = merchant.create()
    control.happen(order_id, "choose")

    notification = control.wait_until_told(order_id)["notifications"][0]

    assert [answer["status"] for answer in notification["answers"]] == [503, 404, 500]
    assert notification["state"] == "failed"


def test_a_retry_that_succeeds_is_the_last(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    webhook.first = [503, 404]
    order_id = merchant.create()
    control.happen(order_id, "choose")

    notification = control.wait_until_told(order_id)["notifications"][0]

    assert [answer["status"] for answer in notification["answers"]] == [503, 404, 200]
    assert notification["state"] == "delivered"


def test_nobody_at_home_counts_as_any_other_answer(
    merchant: Merchant, control: ControlClient
) -> None:
    control.settings(notification_url="http://127.0.0.1:9/webhook")
    order_id = merchant.create()
    control.happen(order_id, "choose")

    notification = control.wait_until_told(order_id)["notifications"][0]

    assert len(notification["answers"]) == 6
    assert notification["answers"][0]["status"] is None
    assert notification["answers"][0]["error"] == "ConnectionError"


def test_a_shop_that_takes_too_long_is_asked_again(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    control.settings(notification_timeout=0.2)
    webhook.delay = 1.0
    order_id = merchant.create()
    control.happen(order_id, "choose")

    webhook.wait(2)

    assert control.notifications(order_id)[0]["answers"][0]["error"] == "ReadTimeout"


@pytest.mark.parametrize("status", [307, 308])
def test_redirects_that_keep_the_body_are_followed(
    merchant: Merchant, control: ControlClient, webhook: Receiver, status: int
) -> None:
    webhook.by_path["/webhook"] = (status, {"Location": "/elsewhere"})
    order_id = merchant.create()
    control.happen(order_id, "choose")

    notification = control.wait_until_told(order_id)["notifications"][0]

    assert notification["state"] == "delivered"
    assert [received.path for received in webhook.received] == ["/webhook", "/elsewhere"]
    assert webhook.bodies()[0] == webhook.bodies()[1]


def test_no_more_than_five_redirects_are_followed(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    webhook.by_path["/webhook"] = (307, {"Location": "/webhook"})
    order_id = merchant.create()
    control.happen(order_id, "choose")

    notification = control.wait_until_told(order_id)["notifications"][0]

    assert notification["state"] == "failed"
    assert len(webhook.received) == 6 * len(notification["answers"])


def test_urls_of_the_create_request_are_added_or_take_over(
    simulator: SimulatorProcess, control: ControlClient, webhook: Receiver
) -> None:
    other = webhook.url.replace("/webhook", "/other")
    appending, overriding = Merchant(simulator), Merchant(simulator)
    appending.snap.api_config.custom_headers = {"X-Append-Notification": other}
    overriding.snap.api_config.custom_headers = {
        "X-Append-Notification": webhook.url,
        "X-Override-Notification": f"{other}1, {other}2",
    }

    control.happen(appending.create("APPENDED"), "choose")
    control.happen(overriding.create("OVERRIDDEN"), "choose")
    webhook.wait(4)

    paths = {(r.body["order_id"], r.path) for r in webhook.received}
    assert paths == {
        ("APPENDED", "/webhook"),
        ("APPENDED", "/other"),
        ("OVERRIDDEN", "/other1"),
        ("OVERRIDDEN", "/other2"),
    }


def test_the_dashboards_test_button(
    control: ControlClient, webhook: Receiver, simulator: SimulatorProcess
) -> None:
    order_id = control.test_notification()
    body = webhook.wait(1)[0]
    assert body["order_id"] == order_id
    assert order_id.startswith("payment_notif_test_")
    assert body["signature_key"] == signature(body, simulator.server_key)


def test_the_notifications_of_one_order_keep_their_order(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    webhook.delay = 0.1
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="credit_card")
    control.happen(order_id, "settle")
    control.happen(order_id, "chargeback")
    webhook.wait(4)
    assert webhook.told() == ["pending", "capture", "settlement", "chargeback"]
    assert webhook.most_at_once == 1
