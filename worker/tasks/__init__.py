"""The tasks, one module for each room: take ids, call one service function."""

from worker.tasks import catalog, housekeeping, payments

__all__ = ["catalog", "housekeeping", "payments"]
