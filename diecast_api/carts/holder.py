"""Whose cart it is: a user's, or that of the guest who holds its token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from diecast_api.carts.models import Cart


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, or a guest with the token that was given with the cart, or a guest without one."""

    user_id: UUID | None = None
    token: str | None = None

    @classmethod
    def new_guest(cls) -> Holder:
        """A guest with a token that nobody can guess."""
        return cls(token=secrets.token_urlsafe(32))

    @property
    def token_hash(self) -> str | None:
        """What is kept of the token: whoever reads the database cannot take over a cart."""
        return None if self.token is None else hashlib.sha256(self.token.encode()).hexdigest()

    def holds(self) -> sa.ColumnElement[bool]:
        """Which cart is theirs."""
        if self.user_id is not None:
            return Cart.user_id == self.user_id
        return Cart.token_hash == self.token_hash if self.token is not None else sa.false()
