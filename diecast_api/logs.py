"""Logs as JSON lines, one event a line, with the request id in every one of them."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from diecast_api.orm import new_id

REQUEST_ID_HEADER = "X-Request-ID"
_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
_SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|server_key|signature", re.IGNORECASE
)


def configure_logging(level: str) -> None:
    """Send structlog's and the standard library's events to standard error as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for chatty in ("urllib3", "kombu", "amqp", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def bind_request_id(candidate: str | None) -> str:
    """Take over the caller's request id where it is safe to repeat, make one where it is not."""
    request_id = candidate if candidate and _SAFE_REQUEST_ID.fullmatch(candidate) else str(new_id())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def bind_task(name: str, task_id: str) -> None:
    """Name the running task in every line it writes."""
    structlog.contextvars.bind_contextvars(task=name, task_id=task_id)


def bound_request_id() -> str | None:
    """The id of the request that is being served, or that caused the running task."""
    request_id: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return request_id


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in event:
        if _SECRET_KEYS.search(key):
            event[key] = "[redacted]"
    return event


def _to_json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
