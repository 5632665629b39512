"""Everything that can happen to a payment, whoever makes it happen.

The page, the Core API, the control API and the clock all come through here, so a transaction
obeys the same rules and tells the shop in the same way whichever door was used.
"""

import dataclasses
import logging
import random
import uuid
from typing import Any

from devstack.simulator import clock, lifecycle, methods, representations
from devstack.simulator.config import Options
from devstack.simulator.errors import NotPossibleError, RefundRefusedError
from devstack.simulator.methods import Method
from devstack.simulator.mischief import MischiefBook
from devstack.simulator.models import Refund, Session, Transaction
from devstack.simulator.notifications import Courier, custom_fields
from devstack.simulator.store import Store

log = logging.getLogger(__name__)

PAGE_SECONDS = 24 * clock.HOUR
LONGEST_SECONDS = 7 * clock.DAY
AUTHORIZATION_SECONDS = 8 * clock.DAY


@dataclasses.dataclass(frozen=True)
class RefundOrder:
    """What a refund call asks for. No amount: all that is left. No key: one is made."""

    key: str | None = None
    amount: int | None = None
    reason: str = ""
    is_direct: bool = False


class Gateway:
    """Snap sessions and transactions, and the moves between their states."""

    def __init__(
        self, store: Store, courier: Courier, mischief: MischiefBook, options: Options
    ) -> None:
        self._store = store
        self._courier = courier
        self._mischief = mischief
        self._options = options
        self.clock = clock.Repeater("clock", self._wake_and_sleep)

    # Snap sessions

    def open_session(self, request: dict[str, Any], headers: dict[str, list[str]]) -> Session:
        """A new token for a valid create request. Raises `NotPossibleError` for a used order id.

        As long as the customer has chosen no method, the same order id may be sent again: the
        new token works and the old one no more. `headers` has the URLs to `append` or `override`.
        """
        order_id = request["transaction_details"]["order_id"]
        with self._store.change():
            if any(t.state != "cancel" for t in self._store.transactions_of(order_id)):
                raise NotPossibleError(self._duplicate_wording())
            earlier = self._store.newest_session(order_id)
            if earlier is not None:
                earlier.is_replaced = True
                self._store.save_session(earlier)
            session = _new_session(request, headers)
            self._store.save_session(session)
        return session

    def cancel_session(self, token: str) -> Session:
        """Close a page on which nothing is under way; raises `NotPossibleError`, `LookupError`."""
        with self._store.change():
            session = self._store.session(token)
            if session is None:
                raise LookupError(token)
            if session.canceled_at is not None:
                raise NotPossibleError("token already canceled")
            self._check_nothing_under_way(session)
            session.canceled_at = clock.now()
            self._store.save_session(session)
        return session

    def expire_page(self, session: Session) -> None:
        """End a page before its time where nothing is under way: no notification tells of that."""
        with self._store.change():
            self._check_nothing_under_way(session)
            session.page_expires_at = clock.now()
            self._store.save_session(session)

    def attempts(self, session: Session) -> list[Transaction]:
        """The transactions begun on this session's page, the oldest first."""
        return [
            t for t in self._store.transactions_of(session.order_id) if t.token == session.token
        ]

    # Finding

    def find(self, id_: str) -> Transaction | None:
        """By transaction id, or the newest of an order id."""
        transaction = self._store.transaction(id_)
        if transaction is not None:
            return transaction
        return next(reversed(self._store.transactions_of(id_)), None)

    def find_for_api(self, id_: str) -> Transaction | None:
        """As the Core API finds: DANA goes by transaction id only."""
        transaction = self.find(id_)
        if transaction and transaction.payment_type == "dana" and id_ == transaction.order_id:
            return None
        return transaction

    def status_body(self, transaction: Transaction) -> dict[str, Any]:
        """The signed reply of GET status."""
        body = representations.status(transaction, self._charged(transaction))
        session = self._store.session(transaction.token)
        if session is not None:
            body |= custom_fields(session)
        body["signature_key"] = representations.sign(body, self._options.now.server_key)
        return body

    # What a customer does

    def choose(self, session: Session, method: Method, *, is_forced: bool = False) -> Transaction:
        """Begin a transaction with this method and tell the shop that it is pending.

        Raises `NotPossibleError` on a page that is dead, or where a transaction is open or paid.
        """
        with self._store.change():
            obstacle = self.obstacle_to_choosing(session)
            if obstacle and not is_forced:
                raise NotPossibleError(obstacle)
            moment = clock.now()
            expires_at = _expiry(session, method, moment)
            transaction = Transaction(
                transaction_id=_transaction_id(method, moment),
                order_id=session.order_id,
                token=session.token,
                method=method.key,
                payment_type=method.payment_type,
                gross_amount=session.gross_amount,
                state="pending",
                created_at=moment,
                expires_at=expires_at,
                wakes_at=expires_at,
                details=methods.shown_details(method),
            )
            self._keep_and_announce(transaction)
        return transaction

    def obstacle_to_choosing(self, session: Session) -> str | None:
        """Why no method can be chosen on this page any more; None when one can."""
        if session.is_replaced:
            return "token was replaced by a newer one"
        if session.canceled_at is not None:
            return "token already canceled"
        last = next(reversed(self.attempts(session)), None)
        if last is not None and not _may_try_again(last):
            return "Transaction is on progress"
        if session.page_expires_at <= clock.now():
            return "token is expired"
        return None

    # What a customer, a bank or the shop does to a transaction

    def apply(self, event: str, transaction_id: str, *, is_forced: bool = False) -> Transaction:
        """Let one of `lifecycle.EVENTS` happen and tell the shop; raises `NotPossibleError`."""
        with self._store.change():
            transaction = self._store.transaction(transaction_id)
            if transaction is None:
                raise LookupError(transaction_id)
            if not is_forced and not lifecycle.is_allowed(event, transaction):
                raise NotPossibleError("Transaction status cannot be updated.")
            transaction.state = lifecycle.target_state(event, transaction)
            if transaction.state == "settlement":
                transaction.settled_at = clock.now()
            transaction.wakes_at = self._next_wake(transaction)
            self._keep_and_announce(transaction)
        return transaction

    def refund(self, transaction_id: str, order: RefundOrder) -> tuple[Transaction, Refund]:
        """Give money back and tell the shop, now and once more when the bank confirms.

        The same key with the same amount is the same refund: it is answered again and not made
        again. Raises `RefundRefusedError`.
        """
        with self._store.change():
            transaction = self._store.transaction(transaction_id)
            if transaction is None:
                raise LookupError(transaction_id)
            repeated = next((r for r in transaction.refunds if r.key == order.key), None)
            if repeated is not None:
                if order.amount not in (None, repeated.amount):
                    raise RefundRefusedError("406", "Duplicate refund_key with another amount.")
                return transaction, repeated
            amount = _refundable_amount(transaction, order)
            refund = Refund(
                number=len(transaction.refunds) + 1,
                key=order.key or f"refund-{uuid.uuid4()}",
                amount=amount,
                reason=order.reason,
                created_at=clock.now(),
                confirms_at=clock.now() + clock.MINUTE * self._options.now.retry_scale,
            )
            transaction.refunds.append(refund)
            is_whole = transaction.refunded_amount == transaction.gross_amount
            transaction.state = "refund" if is_whole else "partial_refund"
            transaction.wakes_at = self._next_wake(transaction)
            self._keep_and_announce(transaction)
        return transaction, refund

    # The clock

    def wake_due(self) -> None:
        """Let happen what the passing of time brings: expiry, settlement, confirmed refunds."""
        moment = clock.now()
        with self._store.change():
            for transaction in self._store.transactions_due(moment):
                if transaction.refunds:
                    self._confirm_refunds(transaction, moment)
                else:
                    event = lifecycle.EVENT_ON_WAKING[transaction.state]
                    self.apply(event, transaction.transaction_id, is_forced=True)

    def _wake_and_sleep(self) -> float | None:
        self.wake_due()
        next_wake = self._store.next_wake()
        return None if next_wake is None else max(0.0, next_wake - clock.now())

    def _confirm_refunds(self, transaction: Transaction, moment: float) -> None:
        for refund in transaction.refunds:
            if refund.confirmed_at is None and refund.confirms_at <= moment:
                refund.confirmed_at = moment
        transaction.wakes_at = self._next_wake(transaction)
        self._keep_and_announce(transaction)

    def _next_wake(self, transaction: Transaction) -> float | None:
        match transaction.state:
            case "pending":
                return transaction.expires_at
            case "authorize":
                return clock.now() + AUTHORIZATION_SECONDS
            case "challenge" | "capture":
                return clock.next_settlement_run(clock.now())
            case "expire":
                late_by = self._mischief.of(transaction.order_id).late_by
                return None if late_by is None else clock.now() + late_by
            case "refund" | "partial_refund":
                waiting = [r.confirms_at for r in transaction.refunds if r.confirmed_at is None]
                return min(waiting, default=None)
            case _:
                return None

    # Helpers

    def _check_nothing_under_way(self, session: Session) -> None:
        if not all(_may_try_again(attempt) for attempt in self.attempts(session)):
            raise NotPossibleError("Transaction is on progress")

    def _keep_and_announce(self, transaction: Transaction) -> None:
        self._store.save_transaction(transaction)
        self._courier.announce(transaction)
        self.clock.nudge()
        log.info("%s is %s", transaction.order_id, transaction.state)

    def _charged(self, transaction: Transaction) -> str:
        charged = self._mischief.of(transaction.order_id).amount
        return charged or representations.money(transaction.gross_amount)

    def _duplicate_wording(self) -> str:
        if self._options.now.language == "id":
            return "transaction_details.order_id sudah digunakan"
        return "transaction_details.order_id has already been taken"


def _new_session(request: dict[str, Any], headers: dict[str, list[str]]) -> Session:
    """The life times of page and methods by `expiry` and `page_expiry` (Midtrans docs, Snap)."""
    moment = clock.now()
    latest = moment + LONGEST_SECONDS
    page_expires_at = moment + PAGE_SECONDS
    deadline = method_seconds = None
    if (expiry := request.get("expiry")) is not None:
        method_seconds = clock.parse_duration(expiry)
        if "start_time" in expiry:
            started_at = clock.parse_start_time(expiry["start_time"])
            deadline = min(started_at + method_seconds, latest)
            page_expires_at = deadline
    if (page_expiry := request.get("page_expiry")) is not None:
        page_expires_at = min(moment + clock.parse_duration(page_expiry), latest)
    return Session(
        token=str(uuid.uuid4()),
        order_id=request["transaction_details"]["order_id"],
        request=request,
        created_at=moment,
        page_expires_at=page_expires_at,
        deadline=deadline,
        method_seconds=method_seconds,
        notification_urls=headers["override"] or None,
        appended_urls=headers["append"],
    )


def _expiry(session: Session, method: Method, moment: float) -> float:
    """When the chosen method stops being payable. A card's 3-D Secure page never lives longer."""
    if session.deadline is not None:
        expires_at = session.deadline
    else:
        expires_at = moment + (session.method_seconds or method.lifetime)
    if method.payment_type == "credit_card":
        expires_at = min(expires_at, moment + method.lifetime)
    return expires_at


def _transaction_id(method: Method, moment: float) -> str:
    """A UUID, except for DANA, whose ids look like A120240830074017NP16XMU4JTID."""
    if method.payment_type != "dana":
        return str(uuid.uuid4())
    stamp = clock.wib(moment).translate({ord(sign): None for sign in "-: "})
    return f"A1{stamp}" + "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=12))


def _may_try_again(transaction: Transaction) -> bool:
    """A refused try, and an abandoned 3-D Secure page, leave the Snap page open."""
    if transaction.state == "expire":
        return lifecycle.is_card(transaction)
    return transaction.state in lifecycle.RETRYABLE


def _refundable_amount(transaction: Transaction, order: RefundOrder) -> int:
    allowed = methods.DIRECTLY_REFUNDABLE if order.is_direct else methods.REFUNDABLE
    if (
        transaction.state not in ("settlement", "partial_refund")
        or transaction.payment_type not in allowed
    ):
        raise RefundRefusedError("412", "Merchant cannot modify the status of the transaction")
    left = transaction.gross_amount - transaction.refunded_amount
    amount = left if order.amount is None else order.amount
    if not 0 < amount <= left:
        raise RefundRefusedError(
            "414", "Refund amount is more than what is left of the transaction."
        )
    if transaction.payment_type in methods.WHOLE_REFUND_ONLY and amount < transaction.gross_amount:
        raise RefundRefusedError("414", "Partial refund is not allowed for this payment method.")
    return amount
