"""The door to accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request

from diecast_api.accounts import service, sessions, throttles
from diecast_api.accounts.errors import EmailTaken, InvalidCredentials, TokenReused
from diecast_api.accounts.models import User
from diecast_api.accounts.schemas import (
    CartTokenHeader,
    ChangePassword,
    ChangeProfile,
    Login,
    Refresh,
    Register,
    SessionListOut,
    TokenPairOut,
    UserOut,
)
from diecast_api.accounts.service import Arrival
from diecast_api.accounts.sessions import Device
from diecast_api.accounts.tokens import read_refresh_token, token_pair
from diecast_api.errors import Invalid, NotFound, Unauthenticated
from diecast_api.web.auth import caller, current_user, public, signed_in
from diecast_api.web.blueprint import Blueprint

MAX_USER_AGENT_LENGTH = 512

blueprint = Blueprint("auth", __name__, url_prefix="/auth", description="Accounts and sessions.")


@blueprint.post("/register")
@public
@blueprint.arguments(CartTokenHeader, location="headers")
@blueprint.arguments(Register)
@blueprint.response(201, TokenPairOut)
@blueprint.problems(Invalid, EmailTaken)
@blueprint.doc(operationId="register")
@throttles.registration
def register(headers: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Make an account, and sign in to it

    With `X-Cart-Token` the guest's cart becomes the user's.
    """
    return token_pair(service.register(**body, arrival=_arrival(headers)))


@blueprint.post("/login")
@public
@blueprint.arguments(CartTokenHeader, location="headers")
@blueprint.arguments(Login)
@blueprint.response(200, TokenPairOut)
@blueprint.problems(Invalid, InvalidCredentials)
@blueprint.doc(operationId="login")
@throttles.sign_in_by_account
@throttles.sign_in_by_address
def login(headers: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Sign in

    With `X-Cart-Token` the guest's cart is merged into the user's. Too many failures answer 429.
    """
    return token_pair(service.sign_in(**body, arrival=_arrival(headers)))


@blueprint.post("/refresh")
@public
@blueprint.arguments(Refresh, required=False)
@blueprint.response(200, TokenPairOut)
@blueprint.problems(Invalid, Unauthenticated, TokenReused)
@blueprint.doc(operationId="refresh")
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    """Spend a refresh token for a new pair

    The refresh token is sent in the body or as Bearer; the body's counts where there are both. One
    that was spent before ends its whole session.
    """
    claims = read_refresh_token(body.get("refresh_token") or _bearer_token())
    return token_pair(
        sessions.rotate(
            session_id=claims.session_id,
            user_id=claims.user_id,
            refresh_id=claims.refresh_id,
            device=_device(),
        )
    )


@blueprint.post("/logout")
@signed_in
@blueprint.response(204)
@blueprint.problems(Unauthenticated)
@blueprint.doc(operationId="logout")
def logout() -> None:
    """Sign out: this session's tokens stop working at once"""
    sessions.end(caller().session_id, user_id=current_user().id)


@blueprint.post("/logout-all")
@signed_in
@blueprint.response(204)
@blueprint.problems(Unauthenticated)
@blueprint.doc(operationId="logoutEverywhere")
def logout_everywhere() -> None:
    """Sign out everywhere"""
    sessions.end_all(current_user().id)


@blueprint.get("/me")
@signed_in
@blueprint.response(200, UserOut)
@blueprint.problems(Unauthenticated)
@blueprint.doc(operationId="getMe")
def me() -> User:
    """Show who is signed in"""
    return current_user()


@blueprint.patch("/me")
@signed_in
@blueprint.arguments(ChangeProfile)
@blueprint.response(200, UserOut)
@blueprint.problems(Invalid, Unauthenticated)
@blueprint.doc(operationId="changeMe")
def change_me(body: dict[str, Any]) -> User:
    """Change one's name or telephone number"""
    return service.change_profile(current_user().id, body)


@blueprint.post("/me/password")
@signed_in
@blueprint.arguments(ChangePassword)
@blueprint.response(204)
@blueprint.problems(Invalid, Unauthenticated)
@blueprint.doc(operationId="changePassword")
@throttles.change_of_password
def change_password(body: dict[str, Any]) -> None:
    """Change one's password; every other session ends"""
    service.change_password(current_user().id, **body, session_id=caller().session_id)


@blueprint.get("/sessions")
@signed_in
@blueprint.response(200, SessionListOut)
@blueprint.problems(Unauthenticated)
@blueprint.doc(operationId="listSessions")
def list_sessions() -> dict[str, Sequence[Any]]:
    """List where one is signed in, last used first"""
    current = caller()
    return {"items": sessions.open_sessions(current.user.id, current_id=current.session_id)}


@blueprint.delete("/sessions/<uuid:session_id>")
@signed_in
@blueprint.response(204)
@blueprint.problems(Unauthenticated, NotFound)
@blueprint.doc(operationId="endSession")
def end_session(session_id: UUID) -> None:
    """Sign out somewhere"""
    sessions.end(session_id, user_id=current_user().id)


def _arrival(headers: dict[str, Any]) -> Arrival:
    return Arrival(_device(), headers["cart_token"])


def _device() -> Device:
    user_agent = "".join(c for c in request.user_agent.string if c.isprintable())
    return Device(request.remote_addr, user_agent[:MAX_USER_AGENT_LENGTH] or None)


def _bearer_token() -> str:
    """The token sent as Bearer.

    Raises:
        Unauthenticated: none is sent.
    """
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        raise Unauthenticated
    return sent.token
