"""Sessions: a sign-in, and the family of refresh tokens that grew from it.

A token is good for as long as its session is: every request asks, so that a sign-out or a disabled
account stops at once. Refresh tokens rotate (RFC 9700, section 4.14.2): each is spent by its use,
and a spent one that comes back closes the family, for either it or its successor was stolen.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from diecast_api.accounts.errors import TokenReused
from diecast_api.accounts.models import User, UserSession
from diecast_api.errors import NotFound, Unauthenticated
from diecast_api.extensions import db
from diecast_api.orm import new_id, utc_now
from diecast_api.unit_of_work import locked, unit_of_work

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a request came from, as the owner of a session is shown it."""

    ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A session, whose it is, and the id of the one refresh token that is good for it now."""

    user: User
    session_id: UUID
    refresh_id: str


def active_user(session_id: UUID, user_id: UUID) -> User | None:
    """The person behind a session that is still open, in one statement."""
    return db.session.scalar(
        sa.select(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.id == session_id, User.id == user_id, User.is_active, _is_open())
        .execution_options(populate_existing=True)
    )


def open_sessions(user_id: UUID, *, current_id: UUID) -> Sequence[Any]:
    """The open sessions of a user, last used first; `is_current` marks the one that asks."""
    return db.session.execute(
        sa.select(
            UserSession.id,
            UserSession.created_at,
            UserSession.last_used_at,
            UserSession.ip,
            UserSession.user_agent,
            (UserSession.id == current_id).label("is_current"),
        )
        .where(UserSession.user_id == user_id, _is_open())
        .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    ).all()


def start(user: User, device: Device) -> Grant:
    """Open a session for somebody who has shown who they are."""
    refresh_id = _new_refresh_id()
    now = utc_now()
    session = UserSession(
        id=new_id(),
        user_id=user.id,
        refresh_token_hash=_fingerprint(refresh_id),
        ip=device.ip,
        user_agent=device.user_agent,
        created_at=now,
        last_used_at=now,
        expires_at=now + REFRESH_LIFETIME,
    )
    with unit_of_work() as transaction:
        transaction.add(session)
    return Grant(user, session.id, refresh_id)


def rotate(*, session_id: UUID, user_id: UUID, refresh_id: str, device: Device) -> Grant:
    """Spend a refresh token, and carry its session on with a new one for another 30 days.

    Calls meet at the lock of the session's row: of two with one token the first gets its
    successor, and the second counts as the return of a spent token.

    Raises:
        TokenReused: the token was spent before; its session is ended, and that is committed.
        Unauthenticated: the session has ended or expired, or the account is disabled.
    """
    successor = _new_refresh_id()
    with unit_of_work():
        session = locked(UserSession, session_id)
        if session is None or session.user_id != user_id:
            raise Unauthenticated
        now = utc_now()
        if session.refresh_token_hash != _fingerprint(refresh_id):
            user = None
            session.ended_at = session.ended_at or now
        else:
            user = active_user(session_id, user_id)
            if user is None:
                raise Unauthenticated
            session.refresh_token_hash = _fingerprint(successor)
            session.ip, session.user_agent = device.ip, device.user_agent
            session.last_used_at = now
            session.expires_at = now + REFRESH_LIFETIME
    if user is None:
        log.warning("spent_refresh_token_came_back", session_id=str(session_id))
        raise TokenReused
    return Grant(user, session_id, successor)


def end(session_id: UUID, *, user_id: UUID) -> None:
    """End one session of a user; its tokens stop working at once.

    Raises:
        NotFound: the user has no such session, or it has ended.
    """
    if not _end_where(UserSession.id == session_id, UserSession.user_id == user_id):
        raise NotFound


def end_all(user_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of a user, or every other one than `but`."""
    others = [UserSession.id != but] if but else []
    _end_where(UserSession.user_id == user_id, *others)


def purge() -> int:
    """Forget sessions of which every token has expired, ended or not. Returns how many."""
    with unit_of_work() as transaction:
        forgotten = transaction.scalars(
            sa.delete(UserSession)
            .where(UserSession.expires_at < utc_now())
            .returning(UserSession.id)
        ).all()
    return len(forgotten)


def _end_where(*conditions: sa.ColumnElement[bool]) -> bool:
    """End the open sessions that fit; whether there was one."""
    with unit_of_work() as transaction:
        ended = transaction.scalars(
            sa.update(UserSession)
            .where(*conditions, _is_open())
            .values(ended_at=utc_now())
            .returning(UserSession.id)
        ).all()
    return bool(ended)


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(UserSession.ended_at.is_(None), UserSession.expires_at > utc_now())


def _new_refresh_id() -> str:
    return secrets.token_urlsafe(32)


def _fingerprint(refresh_id: str) -> str:
    return hashlib.sha256(refresh_id.encode()).hexdigest()
