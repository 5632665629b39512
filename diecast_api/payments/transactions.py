"""A transaction as GET status tells of it: the only word of Midtrans that has effects.

A notification's signature leaves its `transaction_status`, amounts of refunds and fraud status
unsigned, so a notification is only a reason to ask (Midtrans docs, HTTP notification).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

GMT_7 = timezone(timedelta(hours=7))
SUCCESS_CODE = "200"
CURRENCY = "IDR"
CARD = "credit_card"
SNAP_API_BANKS = frozenset({"danamon", "bsi", "seabank", "saqu"})
_URL_SEGMENT = re.compile(r"(?!\.+\Z)[A-Za-z0-9._~-]{1,128}")


class Event(StrEnum):
    """What a transaction's present state means to its order."""

    SUCCESS = "success"
    CHALLENGE = "challenge"
    UNCONFIRMED = "unconfirmed"
    AUTHORIZE = "authorize"
    PENDING = "pending"
    DENY = "deny"
    FAILURE = "failure"
    CARD_EXPIRE = "card_expire"
    EXPIRE = "expire"
    CANCEL = "cancel"
    PARTIAL_REFUND = "partial_refund"
    REFUND = "refund"
    PARTIAL_CHARGEBACK = "partial_chargeback"
    CHARGEBACK = "chargeback"
    UNKNOWN = "unknown"


MONEY_EVENTS = frozenset({Event.SUCCESS, Event.PARTIAL_REFUND, Event.REFUND})
# A status we do not know may turn out to be a payment, so it is never taken for an end.
_OPEN_EVENTS = frozenset(
    {Event.PENDING, Event.AUTHORIZE, Event.CHALLENGE, Event.UNCONFIRMED, Event.UNKNOWN}
)
_PLAIN_EVENTS = {
    event.value: event
    for event in (
        Event.AUTHORIZE,
        Event.PENDING,
        Event.DENY,
        Event.FAILURE,
        Event.CANCEL,
        Event.PARTIAL_REFUND,
        Event.REFUND,
        Event.PARTIAL_CHARGEBACK,
        Event.CHARGEBACK,
    )
}


class MalformedTransaction(ValueError):
    """Midtrans's answer lacks what every transaction has."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """Amounts are decimals of rupiah, as Midtrans writes them; times are UTC."""

    order_id: str
    transaction_id: str
    status: str
    fraud_status: str | None
    status_code: str
    gross_amount: Decimal
    original_amount: Decimal | None
    currency: str
    payment_type: str | None
    settled_at: datetime | None
    refunded: Decimal
    is_snap_api: bool

    @classmethod
    def from_status(cls, answer: dict[str, Any]) -> Transaction:
        """Read a GET status answer.

        Raises:
            MalformedTransaction: something that every transaction has is not there.
        """
        try:
            return cls(
                order_id=str(answer["order_id"]),
                transaction_id=str(answer["transaction_id"]),
                status=str(answer["transaction_status"]).lower(),
                fraud_status=_lower(answer.get("fraud_status")),
                status_code=str(answer.get("status_code", "")),
                gross_amount=_amount(answer["gross_amount"]),
                original_amount=_original_amount(answer),
                currency=str(answer.get("currency") or CURRENCY).upper(),
                payment_type=_lower(answer.get("payment_type")),
                settled_at=parse_time(answer.get("settlement_time")),
                refunded=_refunded(answer),
                is_snap_api=is_snap_api(answer),
            )
        except (KeyError, InvalidOperation) as error:
            raise MalformedTransaction(str(error)) from error

    @property
    def event(self) -> Event:
        """What the state means. Statuses are compared in lower case: some DANA samples shout."""
        if self.status in ("capture", "settlement"):
            return self._capture_event()
        if self.status == "expire":
            return Event.CARD_EXPIRE if self.payment_type == CARD else Event.EXPIRE
        event = _PLAIN_EVENTS.get(self.status, Event.UNKNOWN)
        if event is Event.PARTIAL_REFUND and self.refunded >= self.gross_amount:
            return Event.REFUND
        return event

    def _capture_event(self) -> Event:
        """Success needs three fields: status, fraud status (where there is one) and code 200."""
        if self.fraud_status == "challenge":
            return Event.CHALLENGE
        if self.fraud_status == "deny":
            return Event.DENY
        is_accepted = self.fraud_status in (None, "", "accept")
        return (
            Event.SUCCESS if is_accepted and self.status_code == SUCCESS_CODE else Event.UNCONFIRMED
        )

    @property
    def is_open(self) -> bool:
        """Whether it may still become a payment by itself."""
        return self.event in _OPEN_EVENTS

    def is_of_order(self, order_id: str) -> bool:
        """Whether the answer names this Midtrans order id.

        DANA and some banks put the transaction id in its place, which is no contradiction.
        """
        return self.order_id in (order_id, self.transaction_id)

    def charges(self, amount: int, *, with_customer_fee: bool) -> bool:
        """Whether this is the amount we asked for, in our currency.

        Where the shop lets the buyer pay the fee, the amount before that fee counts.
        """
        if self.currency != CURRENCY:
            return False
        return self.gross_amount == amount or (with_customer_fee and self.original_amount == amount)


def is_url_segment(identifier: str) -> bool:
    """Whether an id can stand in a URL path without leading somewhere else."""
    return _URL_SEGMENT.fullmatch(identifier) is not None


def is_snap_api(payload: dict[str, Any]) -> bool:
    """Whether Midtrans knows the transaction by its transaction id alone (DANA, BI-SNAP banks)."""
    if _lower(payload.get("payment_type")) == "dana":
        return True
    accounts = payload.get("va_numbers")
    return isinstance(accounts, list) and any(
        isinstance(account, dict) and _lower(account.get("bank")) in SNAP_API_BANKS
        for account in accounts
    )


def parse_time(text: Any) -> datetime | None:
    """A time of Midtrans, which is GMT+7 and does not say so, as UTC; None where unreadable."""
    try:
        local = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=GMT_7)
    except ValueError:
        return None
    return local.astimezone(UTC)


def _lower(value: Any) -> str | None:
    return str(value).lower() if value is not None else None


def _amount(text: Any) -> Decimal:
    amount = Decimal(str(text))
    if not amount.is_finite():
        raise InvalidOperation
    return amount


def _original_amount(answer: dict[str, Any]) -> Decimal | None:
    extra = answer.get("extra_info")
    info = extra.get("gross_amount_info") if isinstance(extra, dict) else None
    original = info.get("original_amount") if isinstance(info, dict) else None
    return _amount(original) if original is not None else None


def _refunded(answer: dict[str, Any]) -> Decimal:
    """The sum of all refunds so far. Both of its sources are cumulative."""
    if answer.get("refund_amount") is not None:
        return _amount(answer["refund_amount"])
    refunds = answer.get("refunds")
    if isinstance(refunds, list):
        rows = {
            str(row.get("refund_chargeback_id")): row for row in refunds if isinstance(row, dict)
        }
        return sum((_amount(row["refund_amount"]) for row in rows.values()), Decimal(0))
    if str(answer.get("transaction_status")).lower() == "refund":
        return _amount(answer["gross_amount"])
    return Decimal(0)
