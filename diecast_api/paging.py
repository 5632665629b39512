"""Lists: pages by number and by cursor, over the same stable order."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from diecast_api.errors import Invalid

DEFAULT_PER_PAGE = 20
MAX_PER_PAGE = 100
MAX_PAGE = 1_000_000


Column = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows that is total: a key, and the id that breaks its ties.

    `key` and `row_id` are columns of the statement; both run in the same direction. `parse` reads
    the key back from a cursor.
    """

    name: str
    key: Column
    row_id: Column
    descending: bool
    parse: Callable[[Any], Any]

    def applied_to(self, statement: Select[Any]) -> Select[Any]:
        columns = (self.key, self.row_id)
        return statement.order_by(*(c.desc() if self.descending else c.asc() for c in columns))

    def after(self, cursor: str) -> ColumnElement[bool]:
        """The rows that come after the one a cursor names."""
        key, row_id = self._decoded(cursor)
        place = tuple_(literal(key, self.key.type), literal(row_id, self.row_id.type))
        here = tuple_(self.key, self.row_id)
        return here < place if self.descending else here > place

    def cursor(self, key: Any, row_id: UUID) -> str:
        document = orjson.dumps([self.name, key, row_id])
        return base64.urlsafe_b64encode(document).decode().rstrip("=")

    def _decoded(self, cursor: str) -> tuple[Any, UUID]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            name, key, row_id = orjson.loads(
                base64.b64decode(padded, altchars=b"-_", validate=True)
            )
            if name != self.name:
                raise ValueError(name)
            return self.parse(key), UUID(row_id)
        except (ValueError, TypeError, AttributeError, binascii.Error) as error:
            raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, with its place in the whole."""

    rows: Sequence[Row[Any]]
    pagination: dict[str, Any]

    def document(self, item: Callable[[Any], Any]) -> dict[str, Any]:
        """The list as it is answered, each row shown by `item`."""
        return {"items": [item(row) for row in self.rows], "pagination": self.pagination}


def paginate(
    session: Session,
    statement: Select[Any],
    order: Order,
    arguments: dict[str, Any],
    *,
    count: Select[Any] | None = None,
) -> Page:
    """Read one page of a statement, and count its rows exactly.

    Two statements, whatever the size. One row more than asked for is read, to know whether there
    is a next page. `count` may be given where counting needs less than the statement reads.
    """
    per_page: int = arguments["per_page"]
    cursor: str | None = arguments.get("cursor")
    page: int = arguments.get("page", 1)
    # Without its FROM, kept by `maintain_column_froms`, an unfiltered statement is but one row.
    counted = (
        statement.with_only_columns(literal(1), maintain_column_froms=True)
        if count is None
        else count
    )
    total = session.scalar(select(func.count()).select_from(counted.order_by(None).subquery())) or 0

    window = order.applied_to(
        statement.add_columns(order.key.label("page_key"), order.row_id.label("page_id"))
    ).limit(per_page + 1)
    window = window.where(order.after(cursor)) if cursor else window.offset((page - 1) * per_page)
    rows = session.execute(window).all()

    has_more = len(rows) > per_page
    rows = rows[:per_page]
    return Page(
        rows,
        {
            "page": None if cursor else page,
            "per_page": per_page,
            "total": total,
            "pages": -(-total // per_page),
            "next_cursor": order.cursor(rows[-1].page_key, rows[-1].page_id) if has_more else None,
        },
    )


def by_time(name: str, key: Any, row_id: Any, *, descending: bool = True) -> Order:
    """An order by a timestamp, newest first unless told otherwise."""
    return Order(name, key, row_id, descending, datetime.fromisoformat)
