"""Limits on guessing passwords and on making accounts.

Only failed sign-ins count, by account and by address; a limit passes by itself within the hour, so
nobody can lock a customer out for good. Off with `RATE_LIMITS=off`.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from diecast_api.extensions import limiter
from diecast_api.web.auth import current_user
from diecast_api.web.blueprint import read_json


def _named_account() -> str:
    """The account a sign-in names, whether or not it exists; hashed, for keys are logged."""
    email: str = read_json(request)["email"]
    return hashlib.sha256(email.lower().encode()).hexdigest()


def _is_refused(response: Response) -> bool:
    return response.status_code in (401, 422)


sign_in_by_account = limiter.limit(
    "5 per minute; 20 per hour", key_func=_named_account, deduct_when=_is_refused
)
sign_in_by_address = limiter.limit("20 per minute; 100 per hour", deduct_when=_is_refused)
change_of_password = limiter.limit(
    "5 per minute; 20 per hour", key_func=lambda: str(current_user().id), deduct_when=_is_refused
)
registration = limiter.limit("60 per minute")
