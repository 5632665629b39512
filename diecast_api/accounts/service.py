"""Registering, signing in, and what people change about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from diecast_api.accounts import passwords, sessions
from diecast_api.accounts.errors import EmailTaken, InvalidCredentials
from diecast_api.accounts.events import signed_in
from diecast_api.accounts.models import User
from diecast_api.accounts.permissions import Role
from diecast_api.accounts.sessions import Device, Grant
from diecast_api.errors import Invalid, Unauthenticated
from diecast_api.extensions import db
from diecast_api.orm import new_id
from diecast_api.unit_of_work import locked, unit_of_work


@dataclass(frozen=True, slots=True)
class Arrival:
    """How somebody comes to sign in: from which device, and with which guest's cart."""

    device: Device
    cart_token: str | None


def register(*, email: str, password: str, full_name: str, arrival: Arrival) -> Grant:
    """Make an account and sign in to it. `email` is in lower case, the password is acceptable.

    Raises:
        EmailTaken: there is an account with this address; of two calls at once one gets it.
    """
    password_hash = passwords.hashed(password)
    with unit_of_work():
        user = _inserted(email=email, password_hash=password_hash, full_name=full_name)
        if user is None:
            raise EmailTaken
        return _signed_in(user, arrival)


def sign_in(*, email: str, password: str, arrival: Arrival) -> Grant:
    """Open a session for somebody who knows the password.

    The slow check of the password holds no lock; what it found is looked at again under one, so
    that a password changed or an account disabled meanwhile refuses.

    Raises:
        InvalidCredentials: no such account, another password, or the account is disabled; one
            answer in one time for all three.
    """
    claimed = db.session.scalar(sa.select(User).where(User.email == email))
    verified_hash = claimed.password_hash if claimed else None
    if not passwords.matches(verified_hash, password) or claimed is None:
        raise InvalidCredentials
    with unit_of_work():
        user = locked(User, claimed.id)
        if user is None or not user.is_active or user.password_hash != verified_hash:
            raise InvalidCredentials
        if passwords.is_outdated(user.password_hash):
            user.password_hash = passwords.hashed(password)
        return _signed_in(user, arrival)


def change_profile(user_id: UUID, changes: Mapping[str, Any]) -> User:
    """Change `full_name` or `phone`, whichever is named, and give the user back whole."""
    with unit_of_work():
        user = _locked_user(user_id)
        for name, value in changes.items():
            setattr(user, name, value)
        return user


def change_password(
    user_id: UUID, *, current_password: str, new_password: str, session_id: UUID
) -> None:
    """Change the password; every other session than `session_id` ends.

    Raises:
        Invalid: `current_password` is not the current one.
    """
    new_hash = passwords.hashed(new_password)
    with unit_of_work():
        user = _locked_user(user_id)
        if not passwords.matches(user.password_hash, current_password):
            raise Invalid(errors={"current_password": ["Not the current password."]})
        user.password_hash = new_hash
        sessions.end_all(user_id, but=session_id)


def ensure_owner(*, email: str, full_name: str, password: str) -> User:
    """Have this account be an active owner's, with this password; the same twice.

    A password that is replaced ends the sessions it had opened.
    """
    password_hash = passwords.hashed(password)
    with unit_of_work() as transaction:
        _inserted(email=email, password_hash=password_hash, full_name=full_name)
        user = transaction.scalars(
            sa.select(User).where(User.email == email).with_for_update()
        ).one()
        if not passwords.matches(user.password_hash, password):
            user.password_hash = password_hash
            sessions.end_all(user.id)
        user.is_active = True
        user.roles = sorted({*user.roles, Role.OWNER.value})
        return user


def _inserted(*, email: str, password_hash: str, full_name: str) -> User | None:
    """A new account, None where the address has one already."""
    return db.session.scalar(
        insert(User)
        .values(id=new_id(), email=email, password_hash=password_hash, full_name=full_name)
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User)
    )


def _locked_user(user_id: UUID) -> User:
    user = locked(User, user_id)
    if user is None:
        raise Unauthenticated
    return user


def _signed_in(user: User, arrival: Arrival) -> Grant:
    grant = sessions.start(user, arrival.device)
    signed_in.send(User, user_id=user.id, cart_token=arrival.cart_token)
    return grant
