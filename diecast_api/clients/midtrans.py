"""Midtrans Snap and Core API, over the official `midtransclient`.

What the library leaves out is added here: a time-out on every call, no redirects followed, its many
ways of failing sorted into three, and Snap's page cancel. A fresh library client is made for every
call, since the library's clients share mutable headers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import midtransclient
import requests
import structlog
from flask import current_app
from midtransclient.error_midtrans import JSONDecodeError, MidtransAPIError

from diecast_api.config import Settings
from diecast_api.errors import GatewayRefused, GatewayUnavailable

Result = TypeVar("Result")

# DANA and the BI-SNAP virtual accounts are known by their transaction id alone, and only with this
# header (Midtrans docs, DANA).
SNAP_API_SOURCE = {"transaction-source": "SNAP_API"}
# What cancel and expire answer when they have done it (Midtrans docs, Cancel and Expire).
_DONE_CODES = ("200", "407")

log = structlog.get_logger(__name__)


class MidtransRejected(GatewayRefused):
    """Midtrans understood and said no; `status_code` and `reasons` are its words, for the log."""

    def __init__(self, status_code: int, reasons: str) -> None:
        super().__init__()
        self.status_code = status_code
        self.reasons = reasons


class MidtransBroke(GatewayRefused):
    """Midtrans answered nonsense or a fault of its own: what became of the call is unknown."""


class MidtransAway(GatewayUnavailable):
    """No answer in time: what became of the call is unknown."""


@dataclass(frozen=True, slots=True)
class SnapPage:
    """A payment page. Both texts are opaque."""

    token: str
    redirect_url: str


class Midtrans:
    """One Midtrans account. Ids that are given must be safe in a URL: the library does not escape.

    Every method raises `MidtransRejected`, `MidtransBroke` or `MidtransAway`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transport = _Transport(settings.midtrans_timeout_seconds)
        self.has_customer_fee = settings.midtrans_customer_fee

    def create_page(self, parameters: dict[str, Any]) -> SnapPage:
        """Create a Snap transaction.

        Called again with the same `order_id`, before the buyer has chosen a method, it makes a new
        page and the old one stops working (Midtrans docs, Snap advanced feature).
        """
        snap = self._client(midtransclient.Snap)
        answer = _call("create", lambda: snap.create_transaction(parameters))
        token, redirect_url = answer.get("token"), answer.get("redirect_url")
        if not isinstance(token, str) or not isinstance(redirect_url, str):
            raise MidtransBroke
        return SnapPage(token, redirect_url)

    def status(self, transaction: str, *, is_snap_api: bool = False) -> dict[str, Any] | None:
        """What Midtrans knows of a transaction id or order id; None where it knows nothing.

        Nothing is known of an order until its buyer has chosen a method; Midtrans says so with a
        body code 404 under HTTP 200 (Midtrans docs, Get transaction status).
        """
        core = self._core(is_snap_api)
        try:
            return _call("status", lambda: core.transactions.status(transaction))
        except MidtransRejected as refusal:
            if refusal.status_code == 404:
                return None
            raise

    def cancel(self, transaction: str, *, is_snap_api: bool = False) -> None:
        """Void what is pending, authorised or captured; rejected with 412 once it is settled."""
        core = self._core(is_snap_api)
        _require_done(_call("cancel", lambda: core.transactions.cancel(transaction)))

    def expire(self, transaction: str, *, is_snap_api: bool = False) -> None:
        """End what is pending; rejected with 412 where it is not."""
        core = self._core(is_snap_api)
        _require_done(_call("expire", lambda: core.transactions.expire(transaction)))

    def cancel_page(self, token: str) -> None:
        """Close a page on which nothing was chosen (Midtrans docs, Cancel a Snap session).

        The library has no method for it, so its own HTTP client is used.
        """
        snap = self._client(midtransclient.Snap)
        url = f"{snap.api_config.get_snap_base_url()}/transactions/{token}/cancel"
        _call(
            "cancel_page",
            lambda: snap.http_client.request("post", snap.api_config.server_key, url)[0],
        )

    def _core(self, is_snap_api: bool) -> Any:
        return self._client(midtransclient.CoreApi, SNAP_API_SOURCE if is_snap_api else {})

    def _client(self, kind: Callable[..., Any], headers: dict[str, str] | None = None) -> Any:
        client = kind(
            is_production=self._settings.midtrans_is_production,
            server_key=self._settings.midtrans_server_key,
            client_key=self._settings.midtrans_client_key,
            custom_headers=dict(headers or {}),
            proxies={},
        )
        client.http_client.http_client = self._transport
        if self._settings.midtrans_snap_base_url:
            client.api_config.SNAP_SANDBOX_BASE_URL = self._settings.midtrans_snap_base_url
        if self._settings.midtrans_core_base_url:
            client.api_config.CORE_SANDBOX_BASE_URL = self._settings.midtrans_core_base_url
        return client


class _Transport:
    """`requests`, as the library calls it, with the time-out that the library has no setting for.

    Redirects are not followed: one would turn a POST into a GET whose answer looks like success.
    Nor are they answers: the library would take the JSON of one for success.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        options.update(timeout=self._timeout, allow_redirects=False)
        response = requests.request(method, url, **options)  # noqa: S113 (it is in options)
        if 300 <= response.status_code < 400:
            raise ValueError("a redirect")
        return response


def _call(action: str, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Call the library and sort its failures; none of its exceptions, which hold keys, gets out."""
    try:
        answer = send()
    except MidtransAPIError as error:
        raise _sorted_refusal(action, error) from None
    except requests.RequestException as error:
        log.warning("midtrans_away", action=action, error=type(error).__name__)
        raise MidtransAway from None
    except (JSONDecodeError, ValueError, TypeError, AttributeError) as error:
        # Not JSON, JSON that is not an object, or a status code that is not a number.
        log.warning("midtrans_broke", action=action, error=type(error).__name__)
        raise MidtransBroke from None
    if not isinstance(answer, dict):
        raise MidtransBroke
    return answer


def _sorted_refusal(action: str, error: MidtransAPIError) -> GatewayRefused:
    body = error.api_response_dict if isinstance(error.api_response_dict, dict) else {}
    if "status_code" not in body and "error_messages" not in body:
        # Not Midtrans's words: a 404 of somebody in between must not pass for "no such payment".
        log.warning("midtrans_broke", action=action, status_code=error.http_status_code)
        return MidtransBroke()
    code = str(body.get("status_code") or error.http_status_code)
    status_code = int(code) if code.isdigit() else 500
    reasons = str(body.get("error_messages") or body.get("status_message") or "")[:500]
    log.info("midtrans_refused", action=action, status_code=status_code, reasons=reasons)
    if status_code >= 500 or status_code == 429:
        return MidtransBroke()
    return MidtransRejected(status_code, reasons)


def _require_done(answer: dict[str, Any]) -> None:
    if str(answer.get("status_code")) not in _DONE_CODES:
        raise MidtransBroke


def current_midtrans() -> Midtrans:
    """The Midtrans account of the running application."""
    midtrans: Midtrans = current_app.extensions["midtrans"]
    return midtrans
