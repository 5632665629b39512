"""Accounts, sessions and tokens over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from diecast_api.accounts import passwords
from diecast_api.accounts.permissions import Role
from diecast_api.web.schemas import Email, Line, Phone, Timestamp


def _refuse_common(password: str) -> None:
    if passwords.is_common(password):
        raise ma.ValidationError("Too common; choose another password.")


class FullName(Line):
    """A person's name."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(120, required=required)


class NewPassword(fields.String):
    """A password that may be taken; no rule asks for kinds of characters."""

    def __init__(self) -> None:
        length = validate.Length(passwords.MIN_LENGTH, passwords.MAX_LENGTH)
        metadata = {"format": "password"}
        super().__init__(required=True, validate=[length, _refuse_common], metadata=metadata)


class KnownPassword(fields.String):
    """A password as somebody remembers it, right or wrong."""

    def __init__(self) -> None:
        length = validate.Length(1, 1024)
        super().__init__(required=True, validate=length, metadata={"format": "password"})


class Register(ma.Schema):
    """A new account."""

    email = Email(required=True)
    password = NewPassword()
    full_name = FullName(required=True)


class Login(ma.Schema):
    """What a person signs in with."""

    email = Email(required=True)
    password = KnownPassword()


class Refresh(ma.Schema):
    """The refresh token, where it is not sent as Bearer."""

    refresh_token = fields.String(validate=validate.Length(1, 4096))


class ChangeProfile(ma.Schema):
    """What people change about themselves; what is left out stays."""

    full_name = FullName()
    phone = Phone(allow_none=True, metadata={"example": "0812-3456-7890"})


class ChangePassword(ma.Schema):
    """The present password and the next one."""

    current_password = KnownPassword()
    new_password = NewPassword()


class CartTokenHeader(ma.Schema):
    """The token of a guest's cart, which signing in takes over."""

    cart_token = fields.String(
        data_key="X-Cart-Token",
        load_default=None,
        metadata={"description": "A guest's cart to merge into the user's; then it is spent."},
    )


class UserOut(ma.Schema):
    """A user, as they see themselves."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    full_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    is_admin = fields.Boolean(required=True, metadata={"description": "Holds any role."})
    roles = fields.List(fields.String(validate=validate.OneOf(list(Role))), required=True)
    email_verified = fields.Boolean(required=True)
    created_at = Timestamp(required=True)


class TokenPairOut(ma.Schema):
    """A session: a short access token, a refresh token for one use, and who it is."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True, metadata={"enum": ["bearer"]})
    expires_in = fields.Integer(
        required=True, metadata={"description": "Life of the access token, in seconds."}
    )
    user = fields.Nested(UserOut, required=True)


class SessionOut(ma.Schema):
    """A place where the user is signed in."""

    id = fields.UUID(required=True)
    created_at = Timestamp(required=True)
    last_used_at = Timestamp(required=True)
    ip = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    is_current = fields.Boolean(required=True)


class SessionListOut(ma.Schema):
    """Every open session of the user."""

    items = fields.List(fields.Nested(SessionOut), required=True)
