"""JSON as this shop writes it: UTF-8, times in UTC with a `Z`, by orjson."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def dumps(value: Any) -> bytes:
    """A JSON document of plain values, UUIDs, dates and times."""
    return orjson.dumps(value, option=_OPTIONS)


def canonical(value: Any) -> bytes:
    """One and the same bytes for equal JSON values, whatever the order of their keys."""
    return orjson.dumps(value, option=_OPTIONS | orjson.OPT_SORT_KEYS)


class OrjsonProvider(JSONProvider):
    """Flask's JSON, by orjson."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        return dumps(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        value = self._prepare_response_obj(args, kwargs)
        return Response(dumps(value), mimetype="application/json")
