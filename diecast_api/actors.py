"""Who did something: a kind that anybody may see, and the account behind it that staff may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is `customer`, `staff`, `system` or `midtrans`; the first two have an account."""

    kind: str
    user_id: UUID | None = None


SYSTEM = Actor("system")
MIDTRANS = Actor("midtrans")


def customer(user_id: UUID) -> Actor:
    """A customer acting on their own orders."""
    return Actor("customer", user_id)


def staff(user_id: UUID) -> Actor:
    """A member of staff."""
    return Actor("staff", user_id)
