"""The Flask application: blueprints, outages, and a log line per request."""

import logging
import time

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from devstack.simulator import control, core, outages, page, snap
from devstack.simulator.context import EXTENSION, Parts

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024


def create_app(parts: Parts) -> Flask:
    """The simulator's WSGI application on these parts; the caller starts and stops them."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Midtrans's own field order
    app.extensions[EXTENSION] = parts

    @app.before_request
    def begin() -> Response | None:
        g.started_at = time.monotonic()
        # A body left unread would reset the connection before an early answer is read.
        request.get_data()
        parts.gateway.wake_due()
        return parts.outages.before()

    @app.after_request
    def end(response: Response) -> Response:
        parts.outages.after()
        milliseconds = (time.monotonic() - g.started_at) * 1000
        log.info(
            "%s %s %d %.1f ms", request.method, request.path, response.status_code, milliseconds
        )
        return response

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        if request.path.startswith("/v2/") and error.code == 404:
            return core.unknown_path()
        if request.path.startswith("/snap/v2/"):
            return page.refused(error)
        if request.path.startswith("/snap/v1/"):
            response = jsonify(error_messages=[error.description])
        else:
            response = jsonify(error=error.description)
        response.status_code = error.code or 500
        return response

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return outages.internal_error()

    for module in (snap, core, page, control):
        app.register_blueprint(module.blueprint)
    return app
