"""The settings as the extensions want them."""

from __future__ import annotations

from typing import Any

from kombu.entity import Queue

from diecast_api import task_names
from diecast_api.config import Settings
from diecast_api.version import VERSION

MAX_BODY_BYTES = 1024 * 1024
EXPOSED_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Retry-After",
    "X-Cart-Token",
    "X-Request-ID",
]
# A lost database, lock or statement ends in an error that a caller can retry, never in a hang.
_CONNECT_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=15000 -c lock_timeout=5000 "
    "-c idle_in_transaction_session_timeout=60000"
)


def flask_config(settings: Settings) -> dict[str, Any]:
    """Configuration of Flask and the extensions that read it from there."""
    return {
        "SETTINGS": settings,
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": settings.web_threads,
            "max_overflow": 2,
            "pool_timeout": 1,
            "pool_pre_ping": True,
            "pool_recycle": 1800,
            "connect_args": {
                "connect_timeout": 3,
                "application_name": "diecast",
                "options": _CONNECT_OPTIONS,
            },
        },
        "RATELIMIT_ENABLED": settings.rate_limits,
        "RATELIMIT_STORAGE_URI": settings.redis_url,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,  # a Redis that goes away is no reason to refuse anybody
        "API_TITLE": "Diecast API",
        "API_VERSION": VERSION,
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
    }


def celery_config(settings: Settings) -> dict[str, Any]:
    """Configuration of Celery, the same for those who send and those who work.

    A Redis that is away makes sending fail at once: `max_retries` 0 alone would not, kombu would
    still wait for its connection.
    """
    return {
        "broker_url": settings.redis_url,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "max_retries": 0,
            "interval_start": 0,
            "interval_step": 0,
            "socket_connect_timeout": 0.5,
            "socket_timeout": 5,
        },
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": 300,
        "task_soft_time_limit": 240,
        "task_default_queue": task_names.DEFAULT_QUEUE,
        "task_create_missing_queues": False,
        "task_queues": [
            Queue(name)  # type: ignore[no-untyped-call]
            for name in sorted(set(task_names.QUEUE_OF.values()))
        ],
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "enable_utc": True,
    }
