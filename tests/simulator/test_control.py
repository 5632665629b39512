"""Scripted answers, outages, and the rest of the control API."""

import time
from typing import Any

import midtransclient
import pytest
import requests
from midtransclient.error_midtrans import MidtransAPIError

from tests.simulator.merchant import Merchant, refusal
from tests.simulator.receiver import Receiver
from tests.support.simulator import ControlClient, SimulatorError, SimulatorProcess, wait_for

PENDING = {
    "order_id": "ORD-1",
    "transaction_id": "T-1",
    "transaction_status": "pending",
    "status_code": "201",
    "gross_amount": "150000.00",
}
SETTLED = PENDING | {"transaction_status": "settlement", "status_code": "200"}


def test_a_scripted_status_is_signed_and_answered_for_all_its_ids(
    merchant: Merchant, control: ControlClient
) -> None:
    control.script("ORD-1", status=SETTLED, also=["T-1"])
    for id_ in ("ORD-1", "T-1"):
        answer = merchant.status(id_)
        assert len(answer.pop("signature_key")) == 128
        assert answer == SETTLED
    control.no_script("ORD-1")
    assert merchant.status("ORD-1")["status_code"] == "404"
    assert merchant.status("T-1")["status_code"] == "404"


def test_a_close_that_comes_too_late_changes_the_status(
    merchant: Merchant, control: ControlClient
) -> None:
    control.script("ORD-1", status=PENDING, expire="412", status_after=SETTLED, also=["T-1"])

    assert merchant.status("T-1")["transaction_status"] == "pending"
    assert merchant.expire("T-1")["status_code"] == "412"
    assert merchant.status("ORD-1")["transaction_status"] == "settlement"


def test_answers_in_turn(merchant: Merchant, control: ControlClient) -> None:
    order_id = merchant.create()
    control.happen(order_id, "choose")
    control.script(order_id, status=["not_found", "412", SETTLED, None])
    codes = [merchant.status(order_id)["status_code"] for _ in range(5)]
    assert codes == ["404", "412", "200", "201", "201"]


@pytest.mark.parametrize(
    ("call", "code", "status"),
    [("cancel", "200", "cancel"), ("expire", "407", "expire"), ("refund", "200", "refund")],
)
def test_a_scripted_success_looks_like_one(
    merchant: Merchant, control: ControlClient, call: str, code: str, status: str
) -> None:
    control.script("ORD-1", **{call: code})
    answer = getattr(merchant, call)("ORD-1")
    assert (answer["status_code"], answer["transaction_status"]) == (code, status)


def test_a_refund_that_the_bank_rejects(merchant: Merchant, control: ControlClient) -> None:
    control.script("ORD-1", refund="202")
    answer = merchant.refund("ORD-1", refund_key="r1")
    assert (answer["status_code"], answer["transaction_status"]) == ("202", "settlement")
    assert answer["refund_amount"] == "0.00"


def test_a_scripted_timeout_and_a_broken_gateway(
    simulator: SimulatorProcess, control: ControlClient
) -> None:
    hasty = Merchant(simulator, timeout=0.3)
    control.script("ORD-1", status=["timeout", "500", "html", "refuse"])

    with pytest.raises(requests.exceptions.ReadTimeout):
        hasty.status("ORD-1")
    with pytest.raises(MidtransAPIError) as raised:
        hasty.core.transactions.status("ORD-1")
    assert raised.value.http_status_code == 500
    with pytest.raises(midtransclient.error_midtrans.JSONDecodeError):
        hasty.status("ORD-1")
    with pytest.raises(requests.exceptions.ConnectionError):
        hasty.status("ORD-1")


@pytest.mark.parametrize(
    "script",
    [
        {"state": SETTLED},
        {"status": "gone"},
        {"status": 412},
        {"status": "200"},
        {"status": []},
        {"also": "T-1"},
    ],
)
def test_a_script_that_is_not_understood_is_refused(
    control: ControlClient, script: dict[str, Any]
) -> None:
    with pytest.raises(SimulatorError, match="400"):
        control.script("ORD-1", **script)


def test_an_outage_of_one_api_spares_the_other(merchant: Merchant, control: ControlClient) -> None:
    order_id = merchant.create()
    control.outage("500", paths="snap")

    status, messages = refusal(merchant.create_token, "ORD-2")

    assert status == 500
    assert "internal server error" in messages[0]
    assert merchant.status(order_id)["status_code"] == "404"
    control.outage("none")
    merchant.create_token("ORD-2")


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("hang", requests.exceptions.ReadTimeout),
        ("refuse", requests.exceptions.ConnectionError),
        ("html", midtransclient.error_midtrans.JSONDecodeError),
    ],
)
def test_outages_break_the_call_and_end(
    simulator: SimulatorProcess, control: ControlClient, mode: str, failure: type[Exception]
) -> None:
    merchant = Merchant(simulator, timeout=0.3)
    control.outage(mode)
    with pytest.raises(failure):
        merchant.create_token("ORD-1")
    with pytest.raises(failure):
        merchant.status("ORD-1")

    control.outage("none")

    merchant.create_token("ORD-1")
    assert merchant.status("ORD-1")["status_code"] == "404"


def test_a_slow_gateway_answers_in_the_end(merchant: Merchant, control: ControlClient) -> None:
    control.outage("slow", seconds=0.4)
    begun = time.monotonic()
    merchant.create_token("ORD-1")
    assert time.monotonic() - begun >= 0.4


def test_a_lost_answer_is_healed_by_creating_again(
    merchant: Merchant, control: ControlClient
) -> None:
    control.outage("lost", paths="snap")
    with pytest.raises(requests.exceptions.ConnectionError):
        merchant.create_token("ORD-1")
    assert control.transaction("ORD-1")["state"] == "page open"

    control.outage("none")

    lost = control.transaction("ORD-1")["token"]
    assert merchant.create_token("ORD-1")["token"] != lost


@pytest.mark.parametrize(
    "outage",
    [{"mode": "fire"}, {"mode": "hang", "paths": "page"}, {"mode": "hang", "seconds": -1}],
)
def test_an_outage_that_is_not_understood_is_refused(
    control: ControlClient, outage: dict[str, Any]
) -> None:
    with pytest.raises(SimulatorError, match="400"):
        control.outage(**outage)


def test_everything_known_about_an_order(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="bank_transfer", bank="bri")

    order = control.wait_until_told(order_id)

    assert order["state"] == "settlement"
    assert order["attempts"][0]["details"]["va_numbers"][0]["bank"] == "bri"
    assert [n["answers"][0]["status"] for n in order["notifications"]] == [200, 200]
    assert [n["body"] for n in order["notifications"]] == webhook.bodies()
    assert [listed["order_id"] for listed in control.transactions()] == [order_id]


def test_a_second_payment_beside_an_open_one_needs_force(
    merchant: Merchant, control: ControlClient
) -> None:
    order_id = merchant.create()
    first = control.happen(order_id, "choose")["attempts"][0]["transaction_id"]
    with pytest.raises(SimulatorError, match="409"):
        control.happen(order_id, "choose", payment_type="gopay")
    control.happen(order_id, "choose", payment_type="gopay", force=True)
    control.happen(order_id, "pay")
    order = control.happen(order_id, "pay", transaction_id=first)
    assert [attempt["state"] for attempt in order["attempts"]] == ["settlement", "settlement"]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"event": "explode"}, "400"),
        ({"event": "pay", "colour": "red"}, "400"),
        ({"event": "choose", "payment_type": "gold"}, "400"),
        ({"event": "challenge", "payment_type": "bank_transfer"}, "409"),
        ({"event": "refund", "payment_type": "gopay"}, "409"),
        ({"event": "settle"}, "409"),
        ({"event": "pay", "transaction_id": "nobody"}, "404"),
    ],
)
def test_events_that_cannot_be_are_refused(
    merchant: Merchant, control: ControlClient, how: dict[str, Any], code: str
) -> None:
    order_id = merchant.create()
    with pytest.raises(SimulatorError, match=code):
        control.happen(order_id, **how)
    assert control.transaction(order_id)["attempts"] == []


def test_unknown_orders_are_404(control: ControlClient) -> None:
    for call in (control.transaction, control.notify):
        with pytest.raises(SimulatorError, match="404"):
            call("NOBODY")
    with pytest.raises(SimulatorError, match="404"):
        control.happen("NOBODY", "pay")


def test_settings_that_make_no_sense_change_nothing(control: ControlClient) -> None:
    for bad in ({"language": "de"}, {"retry_scale": "fast"}, {"server_key": "x"}):
        with pytest.raises(SimulatorError, match="400"):
            control.settings(**bad)
    assert control.settings()["language"] == "en"


def test_reset_forgets_everything_but_the_settings(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.mischief(order_id, lose=True)
    control.script(order_id, status=SETTLED)
    control.outage("500")
    control.happen(order_id, "pay")

    control.reset()

    assert control.transactions() == []
    assert merchant.status(order_id)["status_code"] == "404"
    merchant.create(order_id)
    control.happen(order_id, "pay")
    webhook.wait(2)


def test_a_delivery_that_outlives_a_reset_touches_nothing_new(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    webhook.delay = 0.5
    control.happen(merchant.create("OLD"), "choose")
    webhook.wait(1)
    control.reset()
    webhook.delay = 0
    control.happen(merchant.create("NEW"), "choose")
    control.wait_until_told("NEW")

    wait_for(lambda: webhook.answered == 2 or None, "the end of the old delivery")
    control.happen(merchant.create("LAST"), "choose")
    control.wait_until_told("LAST")

    assert [n["body"]["order_id"] for n in control.notifications("NEW")] == ["NEW"]
