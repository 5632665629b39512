"""What can be made to go wrong with the notifications and the money of one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from devstack.simulator.errors import NotUnderstoodError
from devstack.simulator.store import Store

_KIND = "mischief"
HOLD_SECONDS = 10.0


@dataclass(frozen=True)
class Mischief:
    """The mischief switched on for one order id.

    duplicate           every notification goes out this many more times, all at once
    delay_seconds       the first attempt of each notification waits so long
    reorder             a notification is held back until the next one has overtaken it, at most
                        so many seconds (`true`: 10)
    lose                `true`: none arrives; a number: the next so many do not
    forge_signature     notifications carry a wrong signature
    settle_after_expiry an expired transaction is paid all the same, so many seconds later
                        (`true`: 1)
    amount              what the customer is charged instead, as text: "1000.00"
    """

    duplicate: int = 0
    delay_seconds: float = 0
    reorder: float | bool = False
    lose: int | bool = False
    forge_signature: bool = False
    settle_after_expiry: float | bool = False
    amount: str | None = None

    @property
    def hold_seconds(self) -> float:
        return HOLD_SECONDS if self.reorder is True else float(self.reorder)

    @property
    def late_by(self) -> float | None:
        """Seconds from expiry to the late settlement; None when there is none."""
        if self.settle_after_expiry is False:
            return None
        return 1.0 if self.settle_after_expiry is True else float(self.settle_after_expiry)


class MischiefBook:
    """Mischief by order id; it may be noted down before the order exists."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, order_id: str) -> Mischief:
        return Mischief(**(self._store.get(_KIND, order_id) or {}))

    def put(self, order_id: str, wanted: Mapping[str, Any]) -> None:
        """Replace the mischief of an order; raises `NotUnderstoodError`."""
        _check(wanted)
        self._store.put(_KIND, order_id, dict(wanted))

    def drop(self, order_id: str) -> None:
        self._store.drop(_KIND, order_id)

    def written(self, order_id: str) -> dict[str, Any]:
        return self._store.get(_KIND, order_id) or {}

    def loses_next(self, order_id: str) -> bool:
        """Whether the next notification is lost; counts a numbered loss down."""
        lose = self.of(order_id).lose
        if lose is True or not lose:
            return bool(lose)
        self._store.put(_KIND, order_id, self.written(order_id) | {"lose": lose - 1})
        return True


def _check(wanted: Mapping[str, Any]) -> None:
    known = Mischief.__dataclass_fields__
    for name, value in wanted.items():
        if name not in known:
            raise NotUnderstoodError(f"unknown mischief {name!r}; known: {', '.join(known)}")
        if not _is_sound(name, value):
            raise NotUnderstoodError(f"{name} does not understand {value!r}")


def _is_sound(name: str, value: object) -> bool:
    if name == "amount":
        return isinstance(value, str) and _is_amount(value)
    if name == "forge_signature":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return name not in ("duplicate", "delay_seconds")
    if name in ("duplicate", "lose"):
        return isinstance(value, int) and value >= 0
    return isinstance(value, int | float) and value >= 0


def _is_amount(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and Decimal(text) >= 0
    except InvalidOperation:
        return False
