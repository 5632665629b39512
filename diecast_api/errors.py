"""Errors in the shop's words. Rooms raise them; `web.problems` turns them into answers.

Every error has a stable `code`, a kind that decides the HTTP status, and data the client can act
on. Its texts, in English and Indonesian, stand in `messages.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """Something the caller asked for cannot be done, and the caller is to be told why.

    Keyword arguments become members of the problem document, and fill the gaps of its texts.
    """

    code: ClassVar[str] = "error"
    RESERVED: ClassVar = frozenset({"type", "title", "status", "code", "detail", "request_id"})

    def __init__(self, **data: Any) -> None:
        super().__init__(self.code)
        if taken := self.RESERVED & data.keys():
            raise TypeError(f"every problem has members of these names: {sorted(taken)}")
        self.data = data


class Malformed(DomainError):
    """400: the request cannot be read."""

    code = "malformed_request"


class Invalid(DomainError):
    """422: the input is well-formed and still wrong. `errors` maps field paths to texts."""

    code = "validation_error"


class Unauthenticated(DomainError):
    """401: nobody, or nobody any more, is signed in."""

    code = "not_authenticated"


class Forbidden(DomainError):
    """403: signed in, but not allowed."""

    code = "forbidden"


class NotFound(DomainError):
    """404: there is no such thing, or it is somebody else's."""

    code = "not_found"


class Conflict(DomainError):
    """409: the state of things does not allow it."""

    code = "conflict"


class PreconditionFailed(DomainError):
    """412: `If-Match` names another version than the present one."""

    code = "version_mismatch"


class TooLarge(DomainError):
    """413: more bytes than are taken."""

    code = "too_large"


class UnsupportedMedia(DomainError):
    """415: a kind of content that is not taken."""

    code = "unsupported_media_type"


class GatewayRefused(DomainError):
    """502: the payment gateway refused or broke; a retry is safe."""

    code = "gateway_error"


class Unavailable(DomainError):
    """503: a part that is needed is down. `retry_after` is in seconds."""

    code = "service_unavailable"

    def __init__(self, *, retry_after: int = 5, **data: Any) -> None:
        super().__init__(retry_after=retry_after, **data)


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer, or not in time."""

    code = "database_unavailable"


class GatewayUnavailable(Unavailable):
    """Midtrans does not answer; what became of the call is unknown."""

    code = "gateway_unavailable"


class StorageUnavailable(Unavailable):
    """The object store does not answer."""

    code = "storage_unavailable"


class IdempotencyKeyReused(Conflict):
    """The key was used before, with another body."""

    code = "idempotency_key_reused"


class IdempotencyInProgress(Conflict):
    """The first call with this key is still running."""

    code = "idempotency_in_progress"

    def __init__(self) -> None:
        super().__init__(retry_after=1)
