"""The simulator's memory: one SQLite file, so that a restart goes on where it stopped.

One connection behind one lock: every change is serialised, which keeps the rules in
`lifecycle` free of races, and a statement takes some tens of microseconds.
"""

import dataclasses
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devstack.simulator.models import Notification, Session, Transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    number INTEGER PRIMARY KEY, token TEXT UNIQUE, order_id TEXT, doc TEXT);
CREATE INDEX IF NOT EXISTS sessions_order ON sessions (order_id);
CREATE TABLE IF NOT EXISTS transactions (
    number INTEGER PRIMARY KEY, transaction_id TEXT UNIQUE, order_id TEXT, wakes_at REAL, doc TEXT);
CREATE INDEX IF NOT EXISTS transactions_order ON transactions (order_id);
CREATE INDEX IF NOT EXISTS transactions_wake ON transactions (wakes_at) WHERE wakes_at IS NOT NULL;
-- AUTOINCREMENT: a number must not come back after a reset, while a delivery of its first
-- owner may still be under way.
CREATE TABLE IF NOT EXISTS notifications (
    number INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT, due_at REAL, doc TEXT);
CREATE INDEX IF NOT EXISTS notifications_order ON notifications (order_id);
CREATE INDEX IF NOT EXISTS notifications_due ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS documents (kind TEXT, id TEXT, doc TEXT, PRIMARY KEY (kind, id));
"""


class Store:
    """Sessions, transactions, notifications, and small documents such as mischief."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            folder / "simulator.sqlite3", isolation_level=None, check_same_thread=False
        )
        # A killed process loses nothing this way; only a power cut could.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)

    @contextmanager
    def change(self) -> Iterator[None]:
        """All the changes inside or none of them; nobody else reads or writes meanwhile."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def reset(self) -> None:
        """Forget everything."""
        with self.change():
            for table in ("sessions", "transactions", "notifications", "documents"):
                self._db.execute(f"DELETE FROM {table}")

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # Snap sessions

    def save_session(self, session: Session) -> None:
        self._rows(
            "INSERT INTO sessions (token, order_id, doc) VALUES (?, ?, ?)"
            " ON CONFLICT (token) DO UPDATE SET doc = excluded.doc",
            session.token,
            session.order_id,
            _dump(session),
        )

    def session(self, token: str) -> Session | None:
        rows = self._rows("SELECT doc FROM sessions WHERE token = ?", token)
        return Session(**json.loads(rows[0][0])) if rows else None

    def newest_session(self, order_id: str) -> Session | None:
        rows = self._rows(
            "SELECT doc FROM sessions WHERE order_id = ? ORDER BY number DESC LIMIT 1", order_id
        )
        return Session(**json.loads(rows[0][0])) if rows else None

    def newest_order_ids(self, limit: int) -> list[str]:
        """Order ids, the one with the newest session first."""
        rows = self._rows(
            "SELECT order_id FROM sessions GROUP BY order_id ORDER BY max(number) DESC LIMIT ?",
            limit,
        )
        return [order_id for (order_id,) in rows]

    # Transactions

    def save_transaction(self, transaction: Transaction) -> None:
        self._rows(
            "INSERT INTO transactions (transaction_id, order_id, wakes_at, doc)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (transaction_id)"
            " DO UPDATE SET doc = excluded.doc, wakes_at = excluded.wakes_at",
            transaction.transaction_id,
            transaction.order_id,
            transaction.wakes_at,
            _dump(transaction),
        )

    def transaction(self, transaction_id: str) -> Transaction | None:
        rows = self._rows("SELECT doc FROM transactions WHERE transaction_id = ?", transaction_id)
        return _transaction(rows[0]) if rows else None

    def transactions_of(self, order_id: str) -> list[Transaction]:
        """Every try to pay this order, the oldest first."""
        rows = self._rows(
            "SELECT doc FROM transactions WHERE order_id = ? ORDER BY number", order_id
        )
        return [_transaction(row) for row in rows]

    def transactions_due(self, moment: float) -> list[Transaction]:
        rows = self._rows(
            "SELECT doc FROM transactions WHERE wakes_at <= ? ORDER BY wakes_at", moment
        )
        return [_transaction(row) for row in rows]

    def next_wake(self) -> float | None:
        return _moment(self._rows("SELECT min(wakes_at) FROM transactions"))

    # Notifications

    def save_notification(self, notification: Notification) -> None:
        if notification.number is None:
            rows = self._rows(
                "INSERT INTO notifications (order_id) VALUES (?) RETURNING number",
                notification.order_id,
            )
            notification.number = int(rows[0][0])
        self._rows(
            "UPDATE notifications SET due_at = ?, doc = ? WHERE number = ?",
            notification.due_at,
            _dump(notification),
            notification.number,
        )

    def notifications_of(self, order_id: str) -> list[Notification]:
        """The oldest first."""
        rows = self._rows(
            "SELECT doc FROM notifications WHERE order_id = ? ORDER BY number", order_id
        )
        return [Notification(**json.loads(doc)) for (doc,) in rows]

    def notifications_due(self, moment: float) -> list[Notification]:
        rows = self._rows(
            "SELECT doc FROM notifications WHERE due_at <= ? ORDER BY due_at, number", moment
        )
        return [Notification(**json.loads(doc)) for (doc,) in rows]

    def next_due(self, after: float) -> float | None:
        return _moment(self._rows("SELECT min(due_at) FROM notifications WHERE due_at > ?", after))

    def count_waiting(self) -> int:
        return int(self._rows("SELECT count(*) FROM notifications WHERE due_at IS NOT NULL")[0][0])

    # Small documents: mischief and scripted answers, by order or transaction id

    def put(self, kind: str, id_: str, doc: dict[str, Any]) -> None:
        self._rows(
            "INSERT INTO documents VALUES (?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc",
            kind,
            id_,
            json.dumps(doc),
        )

    def get(self, kind: str, id_: str) -> dict[str, Any] | None:
        rows = self._rows("SELECT doc FROM documents WHERE kind = ? AND id = ?", kind, id_)
        return json.loads(rows[0][0]) if rows else None

    def drop(self, kind: str, id_: str) -> None:
        self._rows("DELETE FROM documents WHERE kind = ? AND id = ?", kind, id_)


def _dump(record: Session | Transaction | Notification) -> str:
    return json.dumps(dataclasses.asdict(record))


def _transaction(row: Any) -> Transaction:
    return Transaction(**json.loads(row[0]))


def _moment(rows: list[Any]) -> float | None:
    moment = rows[0][0]
    return None if moment is None else float(moment)
