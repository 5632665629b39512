"""Runs the migrations: one runner at a time, never waiting long for a lock that shoppers need."""

from alembic import context
from flask import current_app
from sqlalchemy import text

import diecast_api.models  # noqa: F401  (fills the metadata)
from diecast_api.orm import Base

# Any number, the same in every release: whoever holds this advisory lock migrates.
MIGRATION_LOCK = 7_205_759_403
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"


def run_migrations() -> None:
    """Apply what is missing, each migration in a transaction of its own."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.commit()
        try:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                transaction_per_migration=True,
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
            connection.invalidate()  # its time-outs are not those of the application


run_migrations()
