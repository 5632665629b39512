"""The payment page, by plain requests and forms: it needs no JavaScript."""

import re
from html import unescape
from typing import Any

import pytest
import requests

from tests.simulator.merchant import Merchant
from tests.simulator.receiver import Receiver
from tests.support.simulator import ControlClient, SimulatorProcess

PHONE = "Mozilla/5.0 (Linux; Android 15) Mobile"


class Page:
    """What a person sees and presses."""

    def __init__(self, url: str, user_agent: str = "Mozilla/5.0 (X11; Linux)") -> None:
        self._url = url
        self._headers = {"User-Agent": user_agent}

    @property
    def html(self) -> str:
        answer = requests.get(self._url, headers=self._headers, timeout=5)
        assert answer.status_code == 200
        return answer.text

    @property
    def view(self) -> str:
        found = re.search(r'data-testid="view-(\w+)"', self.html)
        assert found
        return found[1]

    def marked(self, prefix: str) -> list[str]:
        """The ends of the `data-testid`s that begin so."""
        return re.findall(rf'data-testid="{prefix}-(\w+)"', self.html)

    def text(self, testid: str) -> str:
        found = re.search(rf'data-testid="{testid}"[^>]*>([^<]*)<', self.html)
        assert found, testid
        return unescape(found[1]).strip()

    def choose(self, method: str) -> requests.Response:
        return self._post("choose", {"method": method})

    def press(self, event: str) -> requests.Response:
        return self._post("events", {"event": event})

    @property
    def way_back(self) -> str | None:
        link = re.search(r'href="([^"]*)" data-testid="back-to-shop"', self.html)
        return unescape(link[1]) if link else None

    def _post(self, path: str, form: dict[str, str]) -> requests.Response:
        return requests.post(f"{self._url}/{path}", data=form, headers=self._headers, timeout=5)


@pytest.fixture
def open_page(merchant: Merchant, control: ControlClient) -> Any:
    def open_(amount: int = 150_000, user_agent: str | None = None, **fields: Any) -> Page:
        fields.setdefault("callbacks", {"finish": "https://shop.example/finish"})
        answer = merchant.create_token("ORD-1", amount, **fields)
        url = answer["redirect_url"]
        return Page(url) if user_agent is None else Page(url, user_agent)

    return open_


def test_the_page_shows_the_order(open_page: Any) -> None:
    page = open_page(
        1_200_000,
        item_details=[
            {"id": "1", "name": "<b>Skyline</b>", "price": 625_000, "quantity": 2},
            {"id": "2", "name": "Discount", "price": -50_000, "quantity": 1},
        ],
    )
    assert page.view == "choose"
    assert page.text("amount") == "Rp 1.200.000"
    assert page.text("order-id") == "ORD-1"
    assert page.text("deadline").endswith("WIB")
    assert "&lt;b&gt;Skyline&lt;/b&gt;" in page.html
    assert "Rp 1.250.000" in page.html
    assert "-Rp 50.000" in page.html


def test_all_active_methods_are_offered(open_page: Any) -> None:
    assert open_page().marked("method") == [
        "credit_card",
        "bca_va",
        "bni_va",
        "bri_va",
        "permata_va",
        "echannel",
        "other_qris",
        "gopay",
        "shopeepay",
        "indomaret",
        "alfamart",
    ]


def test_only_enabled_methods_are_offered(open_page: Any) -> None:
    page = open_page(enabled_payments=["gopay", "cstore", "bni_va", "unheard_of"])
    assert page.marked("method") == ["gopay", "indomaret", "alfamart", "bni_va"]
    assert page.choose("credit_card").status_code == 400


def test_methods_that_cannot_take_the_amount_are_left_out(open_page: Any) -> None:
    assert "other_qris" not in open_page(10_000_001).marked("method")


@pytest.mark.parametrize(
    ("method", "testid"),
    [
        ("bca_va", "va-number"),
        ("permata_va", "va-number"),
        ("echannel", "bill-key"),
        ("indomaret", "payment-code"),
    ],
)
def test_a_chosen_method_shows_what_to_pay_to(
    open_page: Any, webhook: Receiver, method: str, testid: str
) -> None:
    page = open_page()
    page.choose(method)
    assert page.view == "pending"
    told = webhook.wait(1)[0]
    number = page.text(testid).replace(" ", "")
    assert number.isdigit()
    assert number in str(told)


def test_paid_by_virtual_account(open_page: Any, merchant: Merchant, webhook: Receiver) -> None:
    page = open_page()
    page.choose("bca_va")
    assert page.marked("event") == ["pay", "deny", "expire"]
    page.press("pay")

    assert page.view == "paid"
    assert page.way_back == (
        "https://shop.example/finish?order_id=ORD-1&status_code=200&transaction_status=settlement"
    )
    webhook.wait(2)
    assert webhook.told() == ["pending", "settlement"]


def test_refused_and_then_paid(open_page: Any, webhook: Receiver) -> None:
    page = open_page()
    page.choose("credit_card")
    assert page.marked("event") == ["pay", "deny", "challenge", "expire"]
    page.press("deny")
    assert page.view == "choose"
    assert "refused" in page.html
    page.choose("other_qris")
    page.press("pay")

    assert page.view == "paid"
    webhook.wait(4)
    assert webhook.told() == ["pending", "deny", "pending", "settlement"]
    assert len({body["transaction_id"] for body in webhook.bodies()}) == 2


def test_let_it_expire(open_page: Any, merchant: Merchant) -> None:
    page = open_page()
    page.choose("bni_va")
    page.press("expire")
    assert page.view == "expired"
    assert page.way_back.endswith("status_code=407&transaction_status=expire")
    assert page.choose("bca_va").status_code == 200
    assert page.view == "expired"
    assert merchant.status("ORD-1")["transaction_status"] == "expire"


def test_an_abandoned_bank_page_leaves_the_choice(open_page: Any) -> None:
    page = open_page()
    page.choose("credit_card")
    page.press("expire")
    assert page.view == "choose"


def test_a_page_nobody_uses(open_page: Any) -> None:
    page = open_page()
    page.press("expire_page")
    assert page.view == "expired"
    page.choose("bca_va")
    assert page.view == "expired"


def test_a_refused_customer_gives_up(open_page: Any, merchant: Merchant) -> None:
    page = open_page()
    page.choose("credit_card")
    page.press("deny")
    page.press("expire_page")
    assert page.view == "expired"
    assert merchant.status("ORD-1")["transaction_status"] == "deny"


@pytest.mark.parametrize(("press", "view"), [("approve", "paid"), ("reject", "choose")])
def test_challenged(open_page: Any, press: str, view: str) -> None:
    page = open_page()
    page.choose("credit_card")
    page.press("challenge")
    assert page.view == "challenge"
    page.press(press)
    assert page.view == view


@pytest.mark.parametrize(("user_agent", "payment_type"), [(None, "qris"), (PHONE, "gopay")])
def test_gopay_is_recorded_as_qris_on_a_desktop(
    open_page: Any, webhook: Receiver, user_agent: str | None, payment_type: str
) -> None:
    open_page(user_agent=user_agent).choose("gopay")
    assert webhook.wait(1)[0]["payment_type"] == payment_type


def test_a_second_press_changes_nothing(
    open_page: Any, merchant: Merchant, control: ControlClient
) -> None:
    page = open_page()
    page.choose("bca_va")
    page.press("pay")
    page.press("deny")
    page.choose("gopay")
    order = control.transaction("ORD-1")
    assert [attempt["state"] for attempt in order["attempts"]] == ["settlement"]


def test_what_the_shop_canceled_is_over(open_page: Any, merchant: Merchant) -> None:
    page = open_page()
    page.choose("bca_va")
    merchant.cancel("ORD-1")
    assert page.view == "canceled"


def test_the_way_back_without_and_with_a_query(merchant: Merchant, control: ControlClient) -> None:
    url = merchant.create_token("ORD-1")["redirect_url"]
    assert Page(url).way_back is None
    control.settings(finish_url="http://127.0.0.1:3000/done?lang=id")
    assert Page(url).way_back == (
        "http://127.0.0.1:3000/done?lang=id"
        "&order_id=ORD-1&status_code=201&transaction_status=pending"
    )


def test_a_script_as_finish_url_is_no_link(open_page: Any) -> None:
    assert open_page(callbacks={"finish": "javascript:alert(1)"}).way_back is None


def test_an_open_page_can_ask_whether_it_is_out_of_date(
    merchant: Merchant, control: ControlClient
) -> None:
    url = merchant.create_token("ORD-1")["redirect_url"]
    control.happen("ORD-1", "pay")
    assert requests.get(f"{url}/state", timeout=5).json() == {"view": "paid"}


def test_unknown_pages_are_decent(simulator: SimulatorProcess, control: ControlClient) -> None:
    answer = requests.get(f"{simulator.url}/snap/v2/vtweb/nothing", timeout=5)
    assert answer.status_code == 404
    assert "Unknown payment link" in answer.text


def test_the_index_lists_every_order(
    simulator: SimulatorProcess, merchant: Merchant, control: ControlClient
) -> None:
    created = merchant.create_token("ORD-1")
    control.happen("ORD-1", "pay")
    html = requests.get(f"{simulator.url}/", timeout=5).text
    assert f"/snap/v2/vtweb/{created['token']}" in html
    assert "settlement" in html


def test_nothing_is_loaded_from_elsewhere(open_page: Any) -> None:
    addresses = re.findall(r'(?:src|href)="(https?://[^"]+)"', open_page().html)
    assert all(address.startswith("https://shop.example/") for address in addresses)
