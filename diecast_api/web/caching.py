"""Conditional requests and cache headers.

Public reads carry a strong `ETag` and may be kept for a short while; everything else is
`private, no-store`. `If-Match` carries the `version` that staff believe they are changing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import marshmallow as ma
from flask import Response, g, make_response, request
from marshmallow import fields

View = TypeVar("View", bound=Callable[..., Any])

MAX_AGE_SECONDS = 5
STALE_WHILE_REVALIDATE_SECONDS = 30
_VERSION = re.compile(r'"?(\d{1,9})"?')


def cacheable(view: View) -> View:
    """Let browsers and proxies keep this public answer for a moment, and ask again cheaply."""

    @wraps(view)
    def cached(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        if g.get("answer_varies_by_caller"):
            response.vary.add("Authorization")
        if response.status_code != 200 or g.get("answer_is_private"):
            return response
        response.headers["Cache-Control"] = (
            f"public, max-age={MAX_AGE_SECONDS}, "
            f"stale-while-revalidate={STALE_WHILE_REVALIDATE_SECONDS}"
        )
        response.add_etag()
        response.make_conditional(request)
        return response

    return cached  # type: ignore[return-value]


def keep_private(response: Response) -> Response:
    """What is not said to be public is for the caller's eyes only, and not to be kept."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def vary_by_caller(*, is_private: bool) -> None:
    """Say of a cacheable answer that it depends on who asks, and whether it is for them alone."""
    g.answer_varies_by_caller = True
    g.answer_is_private = is_private


class EntityVersion(fields.String):
    """The version in `If-Match`: a number, None for `*`, -1 for what cannot be one of ours."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        text = str(super()._deserialize(value, attr, data, **options)).strip()
        if text == "*":
            return None
        match = _VERSION.fullmatch(text)
        return int(match[1]) if match else -1


class IfMatchHeader(ma.Schema):
    """`If-Match: "<version>"`: change only what is still at this version."""

    if_match = EntityVersion(
        data_key="If-Match",
        load_default=None,
        metadata={"description": 'The `version` last read, as `"3"`.'},
    )
