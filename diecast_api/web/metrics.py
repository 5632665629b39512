"""Every request in the log, and in Prometheus metrics gathered over all Gunicorn workers."""

from __future__ import annotations

import os
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.registry import REGISTRY

log = structlog.get_logger(__name__)

__all__ = ["CONTENT_TYPE", "exposition", "observe_requests"]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("http_requests", "Requests answered.", ["method", "route", "status"])
DURATION = Histogram("http_request_duration_seconds", "Time to answer.", ["method", "route"])


def observe_requests(app: Flask) -> None:
    """Count, time and log every request by its route, never by its path or query."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def observe(response: Response) -> Response:
        route = str(request.url_rule) if request.url_rule else "(none)"
        # Anybody can make up a method; every one would be a time series of its own.
        method = request.method if request.method in METHODS else "(other)"
        REQUESTS.labels(method, route, response.status_code).inc()
        seconds = time.perf_counter() - g.started
        DURATION.labels(method, route).observe(seconds)
        log.info(
            "http_request",
            method=method,
            route=route,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
        return response


def exposition() -> bytes:
    """The metrics as text, of this process or of all that share `PROMETHEUS_MULTIPROC_DIR`."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
