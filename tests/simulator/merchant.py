"""The shop's side: the real `midtransclient`, pointed at the simulator, with a time-out."""

import itertools
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import midtransclient
import requests
from midtransclient.error_midtrans import MidtransAPIError

from tests.support.simulator import SimulatorProcess

ATTEMPT = itertools.count(1)
WIB = timezone(timedelta(hours=7))


class TimedHttp:
    """What `midtransclient` uses for HTTP, with the time-out that it never passes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        return requests.request(*args, timeout=self._seconds, **kwargs)


class Merchant:
    """Creates payments and asks about them, as the shop does."""

    def __init__(
        self, simulator: SimulatorProcess, *, key: str | None = None, timeout: float = 10
    ) -> None:
        self._simulator = simulator
        key = key or simulator.server_key
        self.snap = midtransclient.Snap(is_production=False, server_key=key)
        self.core = midtransclient.CoreApi(is_production=False, server_key=key)
        for client in (self.snap, self.core):
            client.api_config.SNAP_SANDBOX_BASE_URL = simulator.snap_base_url
            client.api_config.CORE_SANDBOX_BASE_URL = simulator.core_base_url
            client.api_config.custom_headers = {}
            client.http_client.http_client = TimedHttp(timeout)

    def create(self, order_id: str | None = None, amount: int = 150_000, **fields: Any) -> str:
        """Create a payment; returns its order id."""
        order_id = order_id or f"ORD-{uuid.uuid4().hex[:8]}-{next(ATTEMPT)}"
        self.create_token(order_id, amount, **fields)
        return order_id

    def create_token(self, order_id: str, amount: int = 150_000, **fields: Any) -> dict[str, str]:
        details = {"order_id": order_id, "gross_amount": amount}
        answer: dict[str, str] = self.snap.create_transaction(
            {"transaction_details": details, **fields}
        )
        return answer

    def status(self, id_: str) -> dict[str, Any]:
        """GET status; a body with an error code is returned and not raised."""
        return self._answer("status", id_)

    def cancel(self, id_: str) -> dict[str, Any]:
        return self._answer("cancel", id_)

    def expire(self, id_: str) -> dict[str, Any]:
        return self._answer("expire", id_)

    def approve(self, id_: str) -> dict[str, Any]:
        return self._answer("approve", id_)

    def deny(self, id_: str) -> dict[str, Any]:
        return self._answer("deny", id_)

    def refund(self, id_: str, *, direct: bool = False, **asked: Any) -> dict[str, Any]:
        return self._answer("refundDirect" if direct else "refund", id_, asked)

    def cancel_session(self, token: str) -> requests.Response:
        """Close a Snap page; `midtransclient` has no call for that."""
        return requests.post(
            f"{self._simulator.snap_base_url}/transactions/{token}/cancel",
            auth=(self._simulator.server_key, ""),
            timeout=10,
        )

    def _answer(self, call: str, *args: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.core.transactions, call)(*args)
        except MidtransAPIError as error:
            if error.http_status_code != 200:
                raise
            answer = error.api_response_dict
        return answer


def refusal(call: Any, *args: Any, **kwargs: Any) -> tuple[int, list[str]]:
    """The HTTP status and `error_messages` of a Snap call that is refused."""
    try:
        call(*args, **kwargs)
    except MidtransAPIError as error:
        return error.http_status_code, error.api_response_dict["error_messages"]
    raise AssertionError("not refused")


def start_time(offset: timedelta = timedelta()) -> str:
    """Now, or so much later, as `expiry.start_time` wants it."""
    return (datetime.now(WIB) + offset).strftime("%Y-%m-%d %H:%M:%S %z")
