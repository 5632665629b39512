"""What beat sends, and how often (in seconds). A sweeper stands behind every queue."""

from __future__ import annotations

from typing import Any

from diecast_api import task_names
from diecast_api.config import Settings

IMAGE_SWEEP_SECONDS = 60.0
HOUSEKEEPING_SECONDS = 3600.0


def beat_schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every sweep. A sweep that beat could not hand over before the next one is due is dropped."""
    every = {
        task_names.RELAY_OUTBOX: settings.outbox_sweep_seconds,
        task_names.SWEEP_NOTIFICATIONS: settings.outbox_sweep_seconds,
        task_names.EXPIRE_ORDERS: settings.expiry_sweep_seconds,
        task_names.RECONCILE_PAYMENTS: settings.reconcile_sweep_seconds,
        task_names.SWEEP_IMAGES: IMAGE_SWEEP_SECONDS,
        task_names.PURGE_EXPIRED_ROWS: HOUSEKEEPING_SECONDS,
    }
    return {
        name: {
            "task": name,
            "schedule": seconds,
            "options": {"queue": task_names.QUEUE_OF[name], "expires": max(seconds, 1.0)},
        }
        for name, seconds in every.items()
    }
