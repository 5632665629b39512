"""The blueprint of every room: strict reading of requests, and problems in the OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import marshmallow as ma
import orjson
from flask import Request, current_app, request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from diecast_api.errors import DomainError, Invalid, NotFound
from diecast_api.web.problems import PROBLEM_TYPE, ProblemSchema, status_of

View = TypeVar("View", bound=Callable[..., Any])

MAX_JSON_DEPTH = 32
_NUL = "NUL characters are not allowed."


class StrictParser(FlaskParser):
    """Refuses what it does not know: fields, query parameters, media types."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
        "files": ma.RAISE,
        "headers": ma.EXCLUDE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The JSON body; an absent one counts as `{}` so that missing fields are named."""
        return read_json(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        if any("\0" in text for _, text in req.args.items(multi=True)):
            raise Invalid(errors={"_schema": [_NUL]})
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
                    description=f"{HTTPStatus(status).phrase}: "
                    + ", ".join(f"`{n}`" for n in names),
                )(view)
            return view

        return decorate


def reads_its_own_input(view: View) -> View:
    """For a view that reads query and body itself, because somebody else decides their form."""
    view._reads_its_own_input = True  # type: ignore[attr-defined]
    return view


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
    if b"\\u0000" in body:
        raise Invalid(errors={"_schema": [_NUL]})
    return parse_json(body)


def parse_json(body: bytes) -> Any:
    """A JSON value.

    Raises:
        BadRequest: it is not JSON in UTF-8, or it is nested without end.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest from error
    if _depth_exceeds(value, MAX_JSON_DEPTH):
        raise BadRequest
    return value


def refuse_undeclared_input() -> None:
    """Refuse a query string or a body where the view takes none. Runs before every API view."""
    taken = _locations_taken(request.endpoint)
    if taken is None or request.method == "OPTIONS":
        return
    if "\0" in request.path:
        raise NotFound
    if request.args and "query" not in taken:
        raise Invalid(errors={name: ["Unknown field."] for name in request.args})
    if not taken & {"json", "files"} and read_json(request):
        raise Invalid(errors={"_schema": ["This address takes no body."]})


def _locations_taken(endpoint: str | None) -> set[str] | None:
    """Where a documented view takes input from; None for what is not ours to check."""
    view = current_app.view_functions.get(endpoint or "")
    documentation = getattr(view, "_apidoc", None)
    if documentation is None or hasattr(view, "_reads_its_own_input"):
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
