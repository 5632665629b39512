"""Root, liveness, readiness and metrics: what stands outside `/api/v1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
import structlog
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from diecast_api.clients.storage import current_storage
from diecast_api.extensions import db
from diecast_api.version import VERSION
from diecast_api.web import metrics
from diecast_api.web.auth import public

REDIS_TIMEOUT_SECONDS = 1.0

blueprint = Blueprint("health", __name__)
log = structlog.get_logger(__name__)


@blueprint.get("/")
@public
def root() -> dict[str, Any]:
    """Name, version and where to look next."""
    return {
        "name": "Diecast API",
        "version": VERSION,
        "links": {
            "docs": "/docs",
            "redoc": "/redoc",
            "openapi": "/openapi.json",
            "health": "/health",
            "readiness": "/health/ready",
        },
    }


@blueprint.get("/health")
@public
def live() -> dict[str, str]:
    """The process answers. Asks nobody else."""
    return {"status": "ok"}


@blueprint.get("/health/ready")
@public
def ready() -> Response:
    """Each dependency, asked now.

    Only the database is needed to answer: with Redis or the object store down the shop still
    sells (`degraded`), and taking it out of service would lose orders.
    """
    states = {
        "database": _state(_ask_database),
        "redis": _state(_ask_redis),
        "storage": _state(lambda: current_storage().check()),
    }
    if states["database"] != "ok":
        overall = "unavailable"
    else:
        overall = "ok" if set(states.values()) == {"ok"} else "degraded"
    response = jsonify({"status": overall, **states})
    if overall == "unavailable":
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return response


@blueprint.get("/metrics")
@public
def show_metrics() -> Response:
    """Prometheus metrics of all processes of this API."""
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except Exception as error:
        log.warning("dependency_down", error=type(error).__name__)
        return "down"
    return "ok"


def _ask_database() -> None:
    db.session.execute(text("SELECT 1"))


def _ask_redis() -> None:
    url = current_app.config["SETTINGS"].redis_url
    with redis.Redis.from_url(
        url,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        retry=None,
    ) as client:
        client.ping()
