"""Sessions as the pair of JSON Web Tokens that clients hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from diecast_api.accounts.sessions import ACCESS_LIFETIME, Grant
from diecast_api.errors import Unauthenticated

TOKEN_TYPE = "bearer"  # noqa: S105 (a word of RFC 6750, no secret)


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a genuine refresh token says: the session it carries on, whose, and its own id."""

    session_id: UUID
    user_id: UUID
    refresh_id: str


def token_pair(grant: Grant) -> dict[str, Any]:
    """The answer to a sign-in or a refresh, with `expires_in` in seconds."""
    identity = str(grant.user.id)
    session = {"sid": str(grant.session_id)}
    return {
        "access_token": create_access_token(identity, additional_claims=session),
        "refresh_token": create_refresh_token(
            identity, additional_claims={**session, "jti": grant.refresh_id}
        ),
        "token_type": TOKEN_TYPE,
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "user": grant.user,
    }


def read_refresh_token(token: str) -> RefreshClaims:
    """What a refresh token says.

    Raises:
        Unauthenticated: it is expired, forged, of another kind, or no token at all.
    """
    try:
        claims = decode_token(token)
        if claims["type"] != "refresh":
            raise Unauthenticated
        return RefreshClaims(
            session_id=UUID(str(claims["sid"])),
            user_id=UUID(str(claims["sub"])),
            refresh_id=str(claims["jti"]),
        )
    except (JWTExtendedException, PyJWTError, KeyError, ValueError) as error:
        raise Unauthenticated from error
