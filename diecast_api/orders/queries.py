"""Reading orders. An order comes with its lines and history in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from diecast_api.accounts.models import User
from diecast_api.errors import NotFound
from diecast_api.extensions import db
from diecast_api.orders.models import Order
from diecast_api.orders.service.place import BUSINESS_ZONE
from diecast_api.paging import Page, by_time, paginate

_WHOLE = (selectinload(Order.items), selectinload(Order.history))
NEWEST_FIRST = by_time("orders", Order.created_at, Order.id)


def order_of(customer_id: UUID, order_id: UUID) -> Order:
    """An order of a customer, whole.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    return _one(sa.select(Order).where(Order.id == order_id, Order.user_id == customer_id))


def whole_order(order_id: UUID) -> Order:
    """Any order, whole, with its customer. Raises `NotFound` where there is none."""
    return _one(sa.select(Order).where(Order.id == order_id).options(selectinload(Order.customer)))


def orders_of(customer_id: UUID, arguments: dict[str, Any]) -> Page:
    """A customer's orders, newest first."""
    statement = sa.select(Order).options(*_WHOLE).where(Order.user_id == customer_id)
    return paginate(db.session(), _in_status(statement, arguments), NEWEST_FIRST, arguments)


def all_orders(arguments: dict[str, Any]) -> Page:
    """Everybody's orders, newest first, for staff."""
    statement = sa.select(Order).options(*_WHOLE, selectinload(Order.customer))
    statement = _in_status(statement, arguments)
    if text := arguments.get("q"):
        pattern = f"%{_escaped(text)}%"
        customers = sa.select(User.id).where(
            sa.or_(User.email.ilike(pattern), User.full_name.ilike(pattern))
        )
        statement = statement.where(
            sa.or_(Order.number.ilike(pattern), Order.user_id.in_(customers))
        )
    if first := arguments.get("from_day"):
        start = datetime.combine(first, time.min, BUSINESS_ZONE)
        statement = statement.where(Order.created_at >= start)
    if last := arguments.get("to_day"):
        end = datetime.combine(last, time.max, BUSINESS_ZONE)
        statement = statement.where(Order.created_at <= end)
    return paginate(db.session(), statement, NEWEST_FIRST, arguments)


def _one(statement: sa.Select[Any]) -> Order:
    order: Order | None = db.session.scalar(
        statement.options(*_WHOLE).execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound
    return order


def _in_status(statement: sa.Select[Any], arguments: dict[str, Any]) -> sa.Select[Any]:
    statuses = arguments.get("status")
    return statement.where(Order.status.in_(statuses)) if statuses else statement


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
