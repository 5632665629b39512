"""Telling the shop: signed notifications, delivered and retried as Midtrans does.

Retry rules by the shop's answer: Midtrans docs, HTTP(S) notification.
"""

import logging
import random
import threading
import uuid
from typing import Any
from urllib.parse import urljoin

import requests

from devstack.simulator import clock, representations
from devstack.simulator.config import Options
from devstack.simulator.mischief import MischiefBook
from devstack.simulator.models import Notification, Session, Transaction
from devstack.simulator.store import Store

log = logging.getLogger(__name__)

RETRY_MINUTES: dict[int, tuple[int, ...]] = {
    500: (2,),
    503: (2, 10, 30, 90),
    400: (2, 10),
    404: (2, 10),
    301: (),
    302: (),
    303: (),
}
OTHER_RETRY_MINUTES = (2, 10, 30, 90, 210)
EARLIEST = 0.3  # of the announced interval: Midtrans retries "randomly earlier"
HOPS = 5
MOST_AT_ONCE = 16
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "User-Agent": "Veritrans",
}


class Courier:
    """Posts notifications in the order they came up, one order at a time, and tries again."""

    def __init__(self, store: Store, options: Options, mischief: MischiefBook) -> None:
        self._store = store
        self._options = options
        self._mischief = mischief
        self._guard = threading.Lock()
        self._under_way: dict[str, set[int]] = {}  # group → numbers, while they are being posted
        self._busy_orders: dict[str, str] = {}  # order id → group
        self._repeater = clock.Repeater("courier", self._send_due)
        self.start, self.stop = self._repeater.start, self._repeater.stop

    def announce(self, transaction: Transaction) -> None:
        """Write down the notification of the transaction's present state, with all mischief.

        To be called inside the change it tells of; the copies leave once that is durable.
        """
        mischief = self._mischief.of(transaction.order_id)
        amount = mischief.amount or representations.money(transaction.gross_amount)
        body = representations.notification(transaction, amount) | self._custom_fields(transaction)
        self._write_down(transaction.order_id, transaction.transaction_id, body)

    def repeat_last(self, order_id: str) -> bool:
        """Send the newest notification of an order once more, signed afresh; False if none."""
        with self._store.change():
            sent = self._store.notifications_of(order_id)
            if not sent:
                return False
            body = {k: v for k, v in sent[-1].body.items() if k != "signature_key"}
            self._write_down(order_id, sent[-1].transaction_id, body)
        return True

    def send_dashboard_test(self) -> str:
        """The dashboard's test button: a signed notification for an order that nobody placed."""
        order_id = f"payment_notif_test_{representations.MERCHANT_ID}_{uuid.uuid4()}"
        transaction = Transaction(
            transaction_id=str(uuid.uuid4()),
            order_id=order_id,
            token="",
            method="credit_card",
            payment_type="credit_card",
            gross_amount=105_000,
            state="capture",
            created_at=clock.now(),
            expires_at=clock.now(),
            wakes_at=None,
        )
        with self._store.change():
            self.announce(transaction)
        return order_id

    def nudge(self) -> None:
        self._repeater.nudge()

    # Writing down

    def _write_down(self, order_id: str, transaction_id: str, body: dict[str, Any]) -> None:
        mischief = self._mischief.of(order_id)
        body["signature_key"] = representations.sign(body, self._options.now.server_key)
        if mischief.forge_signature:
            body["signature_key"] = representations.sign(body, "not the server key")
        moment = clock.now()
        is_lost = self._mischief.loses_next(order_id)
        overtaken = self._held(order_id) if mischief.reorder else []
        is_held = bool(mischief.reorder) and not overtaken and not is_lost
        due_at = moment + mischief.delay_seconds + (mischief.hold_seconds if is_held else 0)
        group = uuid.uuid4().hex
        for url in self._urls(order_id):
            for _ in range(1 + mischief.duplicate):
                self._store.save_notification(
                    Notification(
                        order_id=order_id,
                        transaction_id=transaction_id,
                        group=group,
                        url=url,
                        body=body,
                        created_at=moment,
                        due_at=None if is_lost else due_at,
                        state="lost" if is_lost else "waiting",
                        is_held=is_held,
                    )
                )
        for notification in overtaken:
            notification.is_held, notification.due_at = False, due_at + 0.001
            self._store.save_notification(notification)
        self.nudge()

    def _held(self, order_id: str) -> list[Notification]:
        return [n for n in self._store.notifications_of(order_id) if n.is_held]

    def _custom_fields(self, transaction: Transaction) -> dict[str, str]:
        session = self._store.session(transaction.token)
        return custom_fields(session) if session else {}

    def _urls(self, order_id: str) -> list[str]:
        """Where they go: to the dashboard's URL and appended ones, or to an override alone."""
        session = self._store.newest_session(order_id)
        if session is None:
            return [self._options.now.notification_url]
        if session.notification_urls is not None:
            return session.notification_urls
        return [self._options.now.notification_url, *session.appended_urls]

    # Sending

    def _send_due(self) -> float | None:
        moment = clock.now()
        # Reading and taking are one step: a delivery that ends between them would go out twice.
        with self._guard:
            for notification in self._store.notifications_due(moment):
                if self._take(notification):
                    self._start_delivery(notification)
        next_due = self._store.next_due(moment)
        return None if next_due is None else next_due - moment

    def _take(self, notification: Notification) -> bool:
        """Whether it may go now: nothing else of its order is under way, except its own copies."""
        number = notification.number or 0
        if sum(map(len, self._under_way.values())) >= MOST_AT_ONCE:
            return False
        group = self._busy_orders.setdefault(notification.order_id, notification.group)
        numbers = self._under_way.setdefault(group, set())
        if group != notification.group or number in numbers:
            return False
        numbers.add(number)
        return True

    def _start_delivery(self, notification: Notification) -> None:
        threading.Thread(target=self._deliver, args=(notification,), daemon=True).start()

    def _deliver(self, notification: Notification) -> None:
        try:
            status, error = self._post(notification)
            with self._store.change():
                _note_answer(notification, status, error, self._options.now.retry_scale)
                self._store.save_notification(notification)
            log.info(
                "notification %s for %s answered %s",
                notification.body["transaction_status"],
                notification.order_id,
                status or error,
            )
        finally:
            self._release(notification)

    def _release(self, notification: Notification) -> None:
        with self._guard:
            numbers = self._under_way[notification.group]
            numbers.discard(notification.number or 0)
            if not numbers:
                del self._under_way[notification.group]
                del self._busy_orders[notification.order_id]
        self.nudge()

    def _post(self, notification: Notification) -> tuple[int | None, str | None]:
        """The shop's status, or None and why there was none; 307 and 308 are followed."""
        url = notification.url
        with requests.Session() as http:
            http.trust_env = False
            for _ in range(1 + HOPS):
                try:
                    answer = http.post(
                        url,
                        json=notification.body,
                        headers=HEADERS,
                        timeout=self._options.now.notification_timeout,
                        allow_redirects=False,
                    )
                except requests.RequestException as error:
                    return None, type(error).__name__
                if answer.status_code not in (307, 308):
                    return answer.status_code, None
                url = urljoin(url, answer.headers.get("Location", ""))
        return answer.status_code, "too many redirects"


def custom_fields(session: Session) -> dict[str, str]:
    """`custom_field1..3` of the create request, which come back in notification and GET status."""
    names = ("custom_field1", "custom_field2", "custom_field3")
    return {name: session.request[name] for name in names if session.request.get(name)}


def _note_answer(
    notification: Notification, status: int | None, error: str | None, retry_scale: float
) -> None:
    """Write the answer down and decide on the next attempt by it."""
    moment = clock.now()
    notification.answers.append({"at": moment, "status": status, "error": error})
    notification.is_held = False
    if status is not None and 200 <= status < 300:
        notification.state, notification.due_at = "delivered", None
        return
    intervals = RETRY_MINUTES.get(status or 0, OTHER_RETRY_MINUTES)
    retries_made = len(notification.answers) - 1
    if retries_made >= len(intervals):
        notification.state, notification.due_at = "failed", None
        return
    longest = intervals[retries_made] * clock.MINUTE * retry_scale
    notification.due_at = moment + random.uniform(EARLIEST, 1) * longest
