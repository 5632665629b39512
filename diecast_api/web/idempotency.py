"""The `Idempotency-Key` header and the answers given under it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, request

from diecast_api.idempotency import Answer, Request
from diecast_api.json import dumps
from diecast_api.web.blueprint import read_json

HEADER = "Idempotency-Key"
_KEY = ma.validate.Length(1, 255)


class IdempotencyHeader(ma.Schema):
    """The header where it is optional."""

    idempotency_key = ma.fields.String(
        data_key=HEADER,
        load_default=None,
        validate=_KEY,
        metadata={"description": "Makes a retry safe: same key and body, same answer, one effect."},
    )


def keyed_request(user_id: UUID, operation: str, key: str) -> Request:
    """The call that is being served, as what its key stands for."""
    return Request(user_id, operation, key, read_json(request))


def answered(answer: Answer) -> Response:
    """Send an answer, marked where it is a replay."""
    response = Response(dumps(answer.document), answer.status, content_type="application/json")
    if answer.is_replay:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def plain(schema: ma.Schema, value: Any) -> Any:
    """A value as the JSON document that the schema makes of it."""
    return schema.dump(value)
