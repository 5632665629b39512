"""What can be made to go wrong, per transaction."""

from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.merchant import Merchant, start_time
from tests.simulator.receiver import Receiver
from tests.simulator.test_notifications import signature
from tests.support.simulator import ControlClient, SimulatorError, SimulatorProcess, wait_for


def test_duplicates_go_out_at_once(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    webhook.delay = 0.3
    order_id = merchant.create()
    control.mischief(order_id, duplicate=4)
    control.happen(order_id, "choose")

    bodies = webhook.wait(5)
    order = control.wait_until_told(order_id)

    assert all(body == bodies[0] for body in bodies)
    assert len(webhook.received) == len(order["notifications"]) == 5
    assert webhook.most_at_once > 1


def test_delayed_ones_wait(merchant: Merchant, control: ControlClient, webhook: Receiver) -> None:
    order_id = merchant.create()
    control.mischief(order_id, delay_seconds=0.5)
    control.happen(order_id, "pay")
    assert merchant.status(order_id)["transaction_status"] == "settlement"

    webhook.wait(2)

    created = control.notifications(order_id)[0]["body"]
    assert created["transaction_status"] == webhook.told()[0] == "pending"
    sent_late = [n["answers"][0]["at"] for n in control.notifications(order_id)]
    assert sent_late == sorted(sent_late)
    assert webhook.told() == ["pending", "settlement"]


def test_a_later_one_overtakes(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.mischief(order_id, reorder=True)
    control.happen(order_id, "choose")
    control.happen(order_id, "pay")

    webhook.wait(2)

    assert webhook.told() == ["settlement", "pending"]


def test_one_that_nothing_overtakes_goes_in_the_end(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.mischief(order_id, reorder=0.2)
    control.happen(order_id, "choose")
    assert webhook.wait(1)[0]["transaction_status"] == "pending"


def test_all_are_lost_until_it_is_switched_off(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.mischief(order_id, lose=True)
    control.happen(order_id, "pay")
    control.no_mischief(order_id)
    control.notify(order_id)

    webhook.wait(1)

    assert webhook.told() == ["settlement"]
    assert [n["state"] for n in control.wait_until_told(order_id)["notifications"]] == [
        "lost",
        "lost",
        "delivered",
    ]


def test_so_many_are_lost(merchant: Merchant, control: ControlClient, webhook: Receiver) -> None:
    order_id = merchant.create()
    control.mischief(order_id, lose=1)
    control.happen(order_id, "pay")
    webhook.wait(1)
    assert webhook.told() == ["settlement"]
    assert control.transaction(order_id)["mischief"] == {"lose": 0}


def test_a_forged_signature_and_then_the_right_one(
    merchant: Merchant, control: ControlClient, webhook: Receiver, simulator: SimulatorProcess
) -> None:
    order_id = merchant.create()
    control.mischief(order_id, forge_signature=True)
    control.happen(order_id, "choose")
    forged = webhook.wait(1)[0]
    control.no_mischief(order_id)
    control.notify(order_id)
    right = webhook.wait(2)[1]

    assert forged["signature_key"] != signature(forged, simulator.server_key)
    assert len(forged["signature_key"]) == 128
    assert right["signature_key"] == signature(right, simulator.server_key)


@pytest.mark.parametrize("by_clock", [True, False])
def test_money_comes_after_expiry(
    merchant: Merchant, control: ControlClient, webhook: Receiver, by_clock: bool
) -> None:
    order_id = "ORD-LATE"
    control.mischief(order_id, settle_after_expiry=0.3)
    begun = start_time(timedelta(seconds=-59))
    merchant.create(order_id, expiry={"start_time": begun, "unit": "minute", "duration": 1})
    control.happen(order_id, "choose", payment_type="bank_transfer", force=True)
    if not by_clock and control.transaction(order_id)["state"] == "pending":
        merchant.expire(order_id)

    webhook.wait(3)

    assert webhook.told() == ["pending", "expire", "settlement"]
    assert merchant.status(order_id)["transaction_status"] == "settlement"


def test_late_money_by_force(merchant: Merchant, control: ControlClient, webhook: Receiver) -> None:
    order_id = merchant.create()
    control.happen(order_id, "expire")
    with pytest.raises(SimulatorError, match="409"):
        control.happen(order_id, "pay")
    control.happen(order_id, "pay", force=True)
    webhook.wait(3)
    assert webhook.told() == ["pending", "expire", "settlement"]


def test_another_amount_is_charged_and_rightly_signed(
    merchant: Merchant, control: ControlClient, webhook: Receiver, simulator: SimulatorProcess
) -> None:
    order_id = merchant.create()
    control.mischief(order_id, amount="1000.00")
    control.happen(order_id, "pay")

    paid = webhook.wait(2)[1]

    assert paid["gross_amount"] == merchant.status(order_id)["gross_amount"] == "1000.00"
    assert paid["signature_key"] == signature(paid, simulator.server_key)


def test_mischief_touches_one_order_only(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    cursed, blessed = merchant.create(), merchant.create()
    control.mischief(cursed, lose=True)
    control.happen(cursed, "pay")
    control.happen(blessed, "pay")
    webhook.wait(2)
    wait_for(lambda: control.health()["waiting_notifications"] == 0 or None, "silence")
    assert {body["order_id"] for body in webhook.bodies()} == {blessed}


@pytest.mark.parametrize(
    "kinds",
    [
        {"duplicates": 1},
        {"duplicate": True},
        {"duplicate": -1},
        {"delay_seconds": "5"},
        {"forge_signature": 1},
        {"amount": "much"},
        {"amount": 1000},
        {"amount": "NaN"},
    ],
)
def test_mischief_that_is_not_understood_is_refused(
    control: ControlClient, kinds: dict[str, Any]
) -> None:
    with pytest.raises(SimulatorError, match="400"):
        control.mischief("ORD-1", **kinds)
