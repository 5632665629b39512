"""Errors as RFC 9457 problem documents: the one table and the one handler."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from diecast_api import errors
from diecast_api.errors import DatabaseUnavailable, DomainError
from diecast_api.extensions import limiter
from diecast_api.json import dumps
from diecast_api.logs import bound_request_id
from diecast_api.messages import DEFAULT_LANGUAGE, LANGUAGES, PROBLEMS, problem_texts

PROBLEM_TYPE = "application/problem+json"

STATUS: dict[type[DomainError], int] = {
    errors.Malformed: 400,
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.GatewayRefused: 502,
    errors.Unavailable: 503,
}

CODE_OF_STATUS = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "version_mismatch",
    413: "too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    429: "rate_limited",
    503: "service_unavailable",
}

# SQLSTATE classes that mean "not now" and heal by themselves: connection trouble, a dead-lock or
# serialisation failure, too little of something, an operator at work, a lock or statement time-out.
_PASSING_SQLSTATES = ("08", "40", "53", "55", "57")

log = structlog.get_logger(__name__)


class ProblemSchema(ma.Schema):
    """A problem document. Codes with data add their own members, as their description says."""

    class Meta:
        unknown = ma.INCLUDE

    type = ma.fields.String(required=True, metadata={"format": "uri"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True, metadata={"enum": sorted(PROBLEMS)})
    detail = ma.fields.String(required=True)
    request_id = ma.fields.String(required=True, allow_none=True)
    errors = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={"description": "Field path → what is wrong with it (`validation_error`)."},
    )
    retry_after = ma.fields.Integer(metadata={"description": "Seconds; also in `Retry-After`."})


def status_of(error: type[DomainError]) -> int:
    """The HTTP status of a kind of error."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def register_problem_handlers(app: Flask) -> None:
    """Have every error leave the application as a problem document."""
    for kind in (DomainError, HTTPException, SQLAlchemyError, Exception):
        app.register_error_handler(kind, answer_to)


def answer_to(error: Exception) -> Response:
    """The problem document for any error."""
    if isinstance(error, DomainError):
        return _domain_error(error)
    if isinstance(error, HTTPException):
        return _http_error(error)
    if is_passing_database_trouble(error):
        log.warning("database_unavailable", error=type(error).__name__, sqlstate=_sqlstate(error))
        return _domain_error(DatabaseUnavailable())
    log.error("unexpected_error", exc_info=error)
    return problem(500, "internal_error")


def problem(status: int, code: str, data: Mapping[str, Any] | None = None) -> Response:
    """An answer that tells, in the caller's language, what is wrong.

    `data` becomes further members; `DomainError` sees to it that they do not hide the others.
    """
    data = data or {}
    language = request.accept_languages.best_match(LANGUAGES, DEFAULT_LANGUAGE)
    title, detail = problem_texts(code, language, data)
    document = {
        "type": f"urn:diecast:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": bound_request_id(),
        **data,
    }
    response = Response(dumps(document), status=status, content_type=PROBLEM_TYPE)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    if "retry_after" in data:
        response.headers["Retry-After"] = str(data["retry_after"])
    return response


def _domain_error(error: DomainError) -> Response:
    status = status_of(type(error))
    response = problem(status, error.code, error.data)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code = CODE_OF_STATUS.get(status) or ("malformed_request" if status < 500 else "internal_error")
    headers = dict(error.get_headers())
    data: dict[str, Any] = {}
    if status == 429:
        data["retry_after"] = _seconds_until_limit_passes()
    response = problem(status, code, data)
    if "Allow" in headers:
        response.headers["Allow"] = headers["Allow"]
    return response


def _seconds_until_limit_passes() -> int:
    limit = limiter.current_limit
    return max(1, math.ceil(limit.window.reset_time - time.time())) if limit else 60


def is_passing_database_trouble(error: BaseException) -> bool:
    """Whether PostgreSQL is away, busy or shutting down, so that a retry may do."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = _sqlstate(error)
    if sqlstate is None:
        return error.connection_invalidated or isinstance(error, OperationalError)
    return sqlstate.startswith(_PASSING_SQLSTATES)


def _sqlstate(error: BaseException) -> str | None:
    sqlstate: str | None = getattr(getattr(error, "orig", None), "pgcode", None)
    return sqlstate
