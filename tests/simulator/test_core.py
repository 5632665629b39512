"""The Core API: what it answers in which state, oddities included."""

from datetime import timedelta

import pytest
import requests
from midtransclient.error_midtrans import MidtransAPIError

from tests.simulator.merchant import Merchant, start_time
from tests.simulator.receiver import Receiver
from tests.support.simulator import ControlClient, SimulatorProcess


def test_before_a_method_is_chosen_the_transaction_does_not_exist(merchant: Merchant) -> None:
    order_id = merchant.create()

    with pytest.raises(MidtransAPIError) as raised:
        merchant.core.transactions.status(order_id)

    assert raised.value.http_status_code == 200
    assert raised.value.api_response_dict["status_code"] == "404"
    assert raised.value.api_response_dict["status_message"] == "Transaction doesn't exist."


def test_the_wrong_key_is_a_real_401(simulator: SimulatorProcess, merchant: Merchant) -> None:
    order_id = merchant.create()
    stranger = Merchant(simulator, key="SB-Mid-server-other")

    with pytest.raises(MidtransAPIError) as raised:
        stranger.core.transactions.status(order_id)

    assert raised.value.http_status_code == 401
    assert raised.value.api_response_dict["status_code"] == "401"


def test_an_id_with_a_slash_is_a_real_404_in_another_shape(
    simulator: SimulatorProcess, merchant: Merchant
) -> None:
    answer = requests.get(
        f"{simulator.url}/v2/ORD/1/status", auth=(simulator.server_key, ""), timeout=5
    )
    assert answer.status_code == 404
    assert set(answer.json()) == {"timestamp", "status", "error", "path"}


@pytest.mark.parametrize(
    ("events", "payment_type", "code", "status", "fraud_status"),
    [
        (["choose"], "bank_transfer", "201", "pending", "accept"),
        (["pay"], "bank_transfer", "200", "settlement", "accept"),
        (["deny"], "bank_transfer", "202", "deny", "accept"),
        (["expire"], "bank_transfer", "407", "expire", "accept"),
        (["cancel"], "bank_transfer", "200", "cancel", "accept"),
        (["pay"], "credit_card", "200", "capture", "accept"),
        (["challenge"], "credit_card", "201", "capture", "challenge"),
        (["challenge", "approve"], "credit_card", "200", "capture", "accept"),
        (["challenge", "deny"], "credit_card", "202", "deny", "deny"),
        (["authorize"], "credit_card", "200", "authorize", "accept"),
        (["pay", "settle"], "credit_card", "200", "settlement", "accept"),
        (["pay", "settle", "chargeback"], "credit_card", "200", "chargeback", "accept"),
        (["pay", "reverse"], "echannel", "202", "deny", "accept"),
    ],
)
def test_status_tells_every_state(
    merchant: Merchant,
    control: ControlClient,
    events: list[str],
    payment_type: str,
    code: str,
    status: str,
    fraud_status: str,
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "choose", payment_type=payment_type)
    for event in events:
        if event != "choose":
            control.happen(order_id, event)

    answer = merchant.status(order_id)

    assert (answer["status_code"], answer["transaction_status"]) == (code, status)
    assert answer["fraud_status"] == fraud_status
    assert answer["order_id"] == order_id
    assert answer["gross_amount"] == "150000.00"
    assert merchant.status(answer["transaction_id"]) == answer


def test_cancel_voids_what_is_pending(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "choose")

    answer = merchant.cancel(order_id)

    assert (answer["status_code"], answer["transaction_status"]) == ("200", "cancel")
    assert webhook.wait(2)[1]["status_code"] == "202"
    assert merchant.status(order_id)["status_code"] == "200"


def test_cancel_voids_a_captured_card(merchant: Merchant, control: ControlClient) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="credit_card")
    assert merchant.cancel(order_id)["transaction_status"] == "cancel"


@pytest.mark.parametrize("call", ["cancel", "expire", "approve", "deny"])
def test_what_is_settled_answers_412_under_http_200(
    merchant: Merchant, control: ControlClient, call: str
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay")

    assert getattr(merchant, call)(order_id)["status_code"] == "412"
    assert merchant.status(order_id)["transaction_status"] == "settlement"


@pytest.mark.parametrize("call", ["cancel", "expire", "approve", "deny", "refund"])
def test_what_does_not_exist_answers_404_under_http_200(merchant: Merchant, call: str) -> None:
    assert getattr(merchant, call)(merchant.create())["status_code"] == "404"


def test_expire_answers_407_and_is_not_raised(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "choose")

    answer = merchant.core.transactions.expire(order_id)

    assert (answer["status_code"], answer["transaction_status"]) == ("407", "expire")
    assert webhook.wait(2)[1]["status_code"] == "202"
    assert merchant.expire(order_id)["status_code"] == "412"


def test_a_capture_cannot_be_expired(merchant: Merchant, control: ControlClient) -> None:
    order_id = merchant.create()
    control.happen(order_id, "pay", payment_type="credit_card")
    assert merchant.expire(order_id)["status_code"] == "412"


@pytest.mark.parametrize(("call", "status"), [("approve", "capture"), ("deny", "deny")])
def test_a_challenge_is_answered_by_the_shop(
    merchant: Merchant, control: ControlClient, call: str, status: str
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "challenge", payment_type="credit_card")
    assert getattr(merchant, call)(order_id)["transaction_status"] == status


def test_an_authorization_is_captured_by_transaction_id(
    merchant: Merchant, control: ControlClient
) -> None:
    order_id = merchant.create()
    order = control.happen(order_id, "authorize", payment_type="credit_card")
    asked = {"transaction_id": order["attempts"][0]["transaction_id"]}

    assert merchant.core.capture(asked)["status_code"] == "200"
    assert merchant.status(order_id)["transaction_status"] == "capture"


def test_several_transactions_live_under_one_order_id(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    control.happen(order_id, "deny", payment_type="credit_card")
    control.happen(order_id, "deny", payment_type="credit_card")
    order = control.happen(order_id, "pay", payment_type="bank_transfer", bank="bni")

    ids = [attempt["transaction_id"] for attempt in order["attempts"]]
    assert len(set(ids)) == 3
    assert [merchant.status(id_)["transaction_status"] for id_ in ids] == [
        "deny",
        "deny",
        "settlement",
    ]
    assert merchant.status(order_id)["transaction_id"] == ids[2]
    webhook.wait(6)
    assert webhook.told() == ["pending", "deny", "pending", "deny", "pending", "settlement"]


def test_dana_goes_by_transaction_id_and_swaps_it_into_order_id(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    order_id = merchant.create()
    order = control.happen(order_id, "pay", payment_type="dana")
    transaction_id = order["attempts"][0]["transaction_id"]

    assert transaction_id.startswith("A1")
    assert merchant.status(order_id)["status_code"] == "404"
    assert merchant.status(transaction_id)["order_id"] == transaction_id
    assert webhook.wait(2)[1]["order_id"] == order_id


def test_the_clock_expires_what_is_not_paid(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    begun = start_time(timedelta(seconds=-58))
    order_id = merchant.create(expiry={"start_time": begun, "unit": "minute", "duration": 1})
    control.happen(order_id, "choose", force=True)

    expired = webhook.wait(2)[1]

    assert (expired["transaction_status"], expired["status_code"]) == ("expire", "202")
    assert merchant.status(order_id)["status_code"] == "407"


def test_an_unused_page_expires_without_a_word(
    merchant: Merchant, control: ControlClient, webhook: Receiver
) -> None:
    created = merchant.create_token("ORD-1")
    control.happen("ORD-1", "expire_page")

    assert 'data-testid="view-expired"' in requests.get(created["redirect_url"], timeout=5).text
    assert merchant.status("ORD-1")["status_code"] == "404"
    assert control.transaction("ORD-1")["notifications"] == []
    assert webhook.received == []
