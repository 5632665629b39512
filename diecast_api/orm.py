"""What every table shares: naming of constraints, version 7 UUIDs, UTC timestamps."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from uuid_utils.compat import uuid7

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of all models. Names of constraints follow one pattern."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: DateTime(timezone=True), str: Text},
    )


class Identified:
    """A version 7 UUID as primary key, made by the application so that any PostgreSQL will do."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)


class Timestamped:
    """When the row was made and last changed, in UTC."""

    created_at: Mapped[datetime] = mapped_column(
        default=lambda: utc_now(), server_default=func.now()
    )
    updated_at: Mapped[datetime] = mapped_column(
        default=lambda: utc_now(), onupdate=lambda: utc_now(), server_default=func.now()
    )


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A fresh version 7 UUID; ids made later sort later."""
    return uuid7()
