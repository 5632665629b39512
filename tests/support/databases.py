"""Databases for tests."""

from __future__ import annotations

import sqlalchemy as sa


def create_database(url: str, name: str) -> None:
    """Make an empty database, dropping one of that name."""
    engine = sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
