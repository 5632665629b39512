"""The states of a transaction and the moves between them.

Source: Midtrans docs, transaction status cycle.

Nothing here writes or sends: `gateway` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from devstack.simulator import methods
from devstack.simulator.models import Transaction


@dataclass(frozen=True)
class State:
    """How a state is told to the shop.

    `notified_code` is the `status_code` of its notification, `status_code` the one of
    GET status; they differ for cancel and expire.
    """

    transaction_status: str
    notified_code: str
    status_code: str
    fraud_status: str = "accept"


STATES: Mapping[str, State] = {
    "pending": State("pending", "201", "201"),
    "authorize": State("authorize", "200", "200"),
    "challenge": State("capture", "201", "201", "challenge"),
    "capture": State("capture", "200", "200"),
    "settlement": State("settlement", "200", "200"),
    "deny": State("deny", "202", "202"),
    "rejected": State("deny", "202", "202", "deny"),
    "failure": State("failure", "202", "202"),
    "cancel": State("cancel", "202", "200"),
    "expire": State("expire", "202", "407"),
    "partial_refund": State("partial_refund", "200", "200"),
    "refund": State("refund", "200", "200"),
    "partial_chargeback": State("partial_chargeback", "200", "200"),
    "chargeback": State("chargeback", "200", "200"),
}

OPEN = frozenset({"pending", "authorize", "challenge"})
PAID = frozenset({"capture", "settlement", "partial_refund", "partial_chargeback"})
RETRYABLE = frozenset({"deny", "rejected", "failure"})


@dataclass(frozen=True)
class Event:
    """What a person, a bank or the shop does: allowed from `sources`, it leads to `target`."""

    sources: frozenset[str]
    target: str
    card_only: bool = False


def _event(sources: str, target: str, *, card_only: bool = False) -> Event:
    return Event(frozenset(sources.split()), target, card_only)


EVENTS: Mapping[str, Event] = {
    "pay": _event("pending", "settlement"),
    "challenge": _event("pending", "challenge", card_only=True),
    "authorize": _event("pending", "authorize", card_only=True),
    "capture": _event("authorize", "capture"),
    "approve": _event("challenge", "capture"),
    "deny": _event("pending authorize", "deny"),
    "reject": _event("challenge", "rejected"),
    "reverse": _event("settlement", "deny"),
    "fail": _event("pending", "failure"),
    "expire": _event("pending authorize", "expire"),
    "cancel": _event("pending authorize challenge capture", "cancel"),
    "settle": _event("capture", "settlement"),
    "partial_chargeback": _event("settlement", "partial_chargeback", card_only=True),
    "chargeback": _event("settlement partial_chargeback", "chargeback", card_only=True),
}

# What the clock does with a transaction whose moment has come.
EVENT_ON_WAKING: Mapping[str, str] = {
    "pending": "expire",
    "authorize": "expire",
    "challenge": "reject",
    "capture": "settle",
    "expire": "pay",
}


def is_card(transaction: Transaction) -> bool:
    return transaction.payment_type == "credit_card"


def is_allowed(event_name: str, transaction: Transaction) -> bool:
    """Whether Midtrans would let this happen to a transaction in this state."""
    event = EVENTS[event_name]
    if event_name == "reverse" and transaction.method not in methods.REVERSIBLE:
        return False
    if event.card_only and not is_card(transaction):
        return False
    return transaction.state in event.sources


def target_state(event_name: str, transaction: Transaction) -> str:
    """Where the event leads: a paid card is captured first, everything else settles at once."""
    if event_name == "pay" and is_card(transaction):
        return "capture"
    return EVENTS[event_name].target
