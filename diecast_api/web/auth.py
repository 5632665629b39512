"""Who is asking: tokens, the person behind them, and the audience of every view.

Each view of the API says for whom it is, with one of `public`, `signed_in`, `shopper` or
`staff(...)`; a test fails on a view that does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, g, request
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from diecast_api.accounts import sessions
from diecast_api.accounts.models import User
from diecast_api.accounts.permissions import Permission
from diecast_api.config import Settings
from diecast_api.errors import Forbidden, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])

ALGORITHM = "HS256"
ISSUER = "diecast-api"
AUDIENCE = "diecast-shop"
AUDIENCE_ATTRIBUTE = "_audience"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person who is signed in, and the session that says so."""

    user: User
    session_id: UUID


def configure_tokens(app: Flask, settings: Settings) -> None:
    """Pin algorithm, issuer, audience and lifetimes of the tokens."""
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_ACCESS_TOKEN_EXPIRES=sessions.ACCESS_LIFETIME,
        JWT_REFRESH_TOKEN_EXPIRES=sessions.REFRESH_LIFETIME,
    )


def caller() -> Caller:
    """Whoever is signed in.

    Raises:
        Unauthenticated: no token, a wrong, expired or foreign one, or its session has ended.
    """
    if "caller" not in g:
        g.caller = _read_caller()
    found: Caller = g.caller
    return found


def caller_or_none() -> Caller | None:
    """Whoever is signed in, None for a guest. A token that is sent must be good."""
    return caller() if "Authorization" in request.headers else None


def current_user() -> User:
    """The person who is signed in; raises as `caller` does."""
    return caller().user


def is_staff(permission: Permission) -> bool:
    """Whether the caller is somebody with this permission; a guest is not."""
    found = caller_or_none()
    return found is not None and found.user.may(permission)


def public(view: View) -> View:
    """For everybody; nobody is asked who they are."""
    return _for_audience("public", view)


def signed_in(view: View) -> View:
    """For anybody who is signed in."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        caller()
        return view(*args, **kwargs)

    return _for_audience("signed_in", guarded, security="bearer")  # type: ignore[return-value]


def shopper(view: View) -> View:
    """For a customer who is signed in, or a guest with or without a cart token."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        caller_or_none()
        return view(*args, **kwargs)

    return _for_audience("shopper", guarded, security="cart")  # type: ignore[return-value]


def staff(permission: Permission) -> Callable[[View], View]:
    """For staff with a permission."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user().may(permission):
                raise Forbidden
            return view(*args, **kwargs)

        audience = f"staff:{permission}"
        return _for_audience(audience, guarded, security="bearer")  # type: ignore[return-value]

    return decorate


_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "bearer": [{"bearer": []}],
    "cart": [{"bearer": []}, {"cart": []}, {}],
}


def _for_audience(audience: str, view: View, *, security: str | None = None) -> View:
    setattr(view, AUDIENCE_ATTRIBUTE, audience)
    documentation = dict(getattr(view, "_apidoc", {}))
    manual = dict(documentation.get("manual_doc", {}))
    manual["security"] = _SECURITY[security] if security else []
    documentation["manual_doc"] = manual
    view._apidoc = documentation  # type: ignore[attr-defined]
    return view


def _read_caller() -> Caller:
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise Unauthenticated
    try:
        claims = decode_token(credentials.token)
        if claims["type"] != "access":
            raise Unauthenticated
        session_id, user_id = UUID(str(claims["sid"])), UUID(str(claims["sub"]))
    except (JWTExtendedException, PyJWTError, KeyError, ValueError, TypeError) as error:
        raise Unauthenticated from error
    user = sessions.active_user(session_id, user_id)
    if user is None:
        raise Unauthenticated
    return Caller(user, session_id)
