"""The blueprint of every room: strict reading of requests, and problems in the OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import marshmallow as ma
import orjson
from flask import Request, request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from diecast_api.errors import DomainError, Invalid
from diecast_api.web.problems import PROBLEM_TYPE, ProblemSchema, status_of

View = TypeVar("View", bound=Callable[..., Any])

MAX_JSON_DEPTH = 32


class StrictParser(FlaskParser):
    """Refuses what it does not know: unknown fields, unknown query parameters, other media types."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
        "headers": ma.EXCLUDE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The JSON body; an absent one counts as `{}` so that missing fields are named."""
        return read_json(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        refuse_nul(list(req.args.values()))
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> Any:
        # webargs files the messages under their location; nobody but a debugger cares for that.
        messages: Any = error.messages
        raise Invalid(errors=flat_errors(next(iter(messages.values()))))


class Blueprint(SmorestBlueprint):
    """A room's door: `problems` documents the errors that a view may answer with."""

    ARGUMENTS_PARSER = StrictParser()

    def problems(self, *errors: type[DomainError]) -> Callable[[View], View]:
        """Document errors as problem answers, gathered by status."""
        codes: dict[int, list[str]] = defaultdict(list)
        for error in errors:
            codes[status_of(error)].append(error.code)

        def decorate(view: View) -> View:
            for status, names in codes.items():
                view = self.alt_response(
                    status,
                    schema=ProblemSchema,
                    content_type=PROBLEM_TYPE,
                    description=f"{HTTPStatus(status).phrase}: " + ", ".join(f"`{n}`" for n in names),
                )(view)
            return view

        return decorate


def read_json(req: Request) -> Any:
    """The request's body as a JSON value, `{}` where there is none.

    Raises:
        UnsupportedMediaType: there is a body and it does not say that it is JSON.
        BadRequest: it is not JSON in UTF-8, or it is nested without end.
        Invalid: a text in it holds a NUL character, which PostgreSQL cannot store.
    """
    body = req.get_data(cache=True)
    if not body:
        return {}
    if not req.is_json:
        raise UnsupportedMediaType
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest from error
    if _depth_exceeds(value, MAX_JSON_DEPTH):
        raise BadRequest
    if b"\\u0000" in body:
        refuse_nul([body.decode().replace("\\u0000", "\0")])
    return value


def refuse_nul(texts: list[str]) -> None:
    """Refuse texts that PostgreSQL cannot store."""
    if any("\0" in text for text in texts):
        raise Invalid(errors={"_schema": ["NUL characters are not allowed."]})


def refuse_undeclared_input() -> None:
    """Refuse a query string or a body where the view takes none. Runs before every API view."""
    if "\0" in request.path or request.url_rule is None:
        return
    taken = _locations_taken(request.endpoint or "")
    if taken is None:
        return
    if request.args and "query" not in taken:
        raise Invalid(errors={name: ["Unknown field."] for name in request.args})
    if request.content_length and not taken & {"json", "files"} and read_json(request):
        raise Invalid(errors={"_schema": ["This address takes no body."]})


def _locations_taken(endpoint: str) -> set[str] | None:
    from flask import current_app

    view = current_app.view_functions.get(endpoint)
    documentation = getattr(view, "_apidoc", None)
    if documentation is None:
        return None
    parameters = documentation.get("arguments", {}).get("parameters", [])
    return {parameter["in"] for parameter in parameters}


def flat_errors(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Field problems by their path: `{"shipping_address.city": ["Missing data…"]}`."""
    if isinstance(messages, list):
        return {prefix or "_schema": [str(message) for message in messages]}
    if not isinstance(messages, dict):
        return {prefix or "_schema": [str(messages)]}
    flat: dict[str, list[str]] = {}
    for key, value in messages.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        flat.update(flat_errors(value, prefix if key == "_schema" and prefix else path))
    return flat


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True
