"""What the simulator remembers: Snap sessions, transactions, notifications."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Session:
    """One Snap token. Moments are seconds since 1970; amounts whole rupiah.

    `deadline` is the fixed end that `expiry` with a `start_time` gives to page and methods;
    `method_seconds` the time a chosen method gets when `expiry` came without one.
    """

    token: str
    order_id: str
    request: dict[str, Any]
    created_at: float
    page_expires_at: float
    deadline: float | None = None
    method_seconds: float | None = None
    notification_urls: list[str] | None = None
    appended_urls: list[str] = field(default_factory=list)
    canceled_at: float | None = None
    is_replaced: bool = False

    @property
    def gross_amount(self) -> int:
        return int(self.request["transaction_details"]["gross_amount"])


@dataclass
class Refund:
    """One refund; `confirms_at` is when the bank will confirm it, `confirmed_at` when it did."""

    number: int
    key: str
    amount: int
    reason: str
    created_at: float
    confirms_at: float
    confirmed_at: float | None = None


@dataclass
class Transaction:
    """One try of a customer to pay an order: a `transaction_id` of its own under the `order_id`.

    `state` is a key of `lifecycle.STATES`. At `wakes_at` the clock moves the transaction on.
    `details` holds what the method showed the customer (a VA number, a masked card).
    """

    transaction_id: str
    order_id: str
    token: str
    method: str
    payment_type: str
    gross_amount: int
    state: str
    created_at: float
    expires_at: float
    wakes_at: float | None
    details: dict[str, Any] = field(default_factory=dict)
    settled_at: float | None = None
    refunds: list[Refund] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.refunds = [row if isinstance(row, Refund) else Refund(**row) for row in self.refunds]

    @property
    def refunded_amount(self) -> int:
        return sum(row.amount for row in self.refunds)


@dataclass
class Notification:
    """One POST to the shop and what became of it.

    `state` is `waiting`, `delivered`, `failed` or `lost`. Copies of one notification share
    `group`. `is_held` marks one kept back until a later one has overtaken it. `answers` has
    `{at, status, error}` for every attempt.
    """

    order_id: str
    transaction_id: str
    group: str
    url: str
    body: dict[str, Any]
    created_at: float
    due_at: float | None
    state: str = "waiting"
    is_held: bool = False
    answers: list[dict[str, Any]] = field(default_factory=list)
    number: int | None = None
