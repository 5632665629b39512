"""Paging over HTTP: the query parameters of a list, and where its items stand."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from diecast_api.paging import DEFAULT_PER_PAGE, MAX_PAGE, MAX_PER_PAGE


class PageArguments(ma.Schema):
    """Query parameters of a list. `cursor` and `page` exclude each other."""

    page = ma.fields.Integer(validate=ma.validate.Range(1, MAX_PAGE))
    per_page = ma.fields.Integer(
        load_default=DEFAULT_PER_PAGE, validate=ma.validate.Range(1, MAX_PER_PAGE)
    )
    cursor = ma.fields.String(validate=ma.validate.Length(1, 1024))

    @ma.validates_schema
    def one_way_of_paging(self, data: dict[str, Any], **_: Any) -> None:
        if "page" in data and "cursor" in data:
            raise ma.ValidationError("Use page or cursor, not both.", "cursor")


class PaginationSchema(ma.Schema):
    """Where in the list the items stand. `page` is null when a cursor was given."""

    page = ma.fields.Integer(required=True, allow_none=True)
    per_page = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    pages = ma.fields.Integer(required=True)
    next_cursor = ma.fields.String(required=True, allow_none=True)
