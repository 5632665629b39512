"""The application factory."""

from __future__ import annotations

import structlog
from flask import Flask, Response, request

from diecast_api import cli
from diecast_api.clients.midtrans import Midtrans
from diecast_api.clients.storage import Storage
from diecast_api.config import Settings
from diecast_api.extensions import celery, cors, db, jwt, limiter, migrate
from diecast_api.flask_config import EXPOSED_HEADERS, celery_config, flask_config
from diecast_api.json import OrjsonProvider
from diecast_api.logs import (
    REQUEST_ID_HEADER,
    bind_request_id,
    bound_request_id,
    configure_logging,
)
from diecast_api.rooms import register_rooms
from diecast_api.web import docs, health
from diecast_api.web.auth import configure_tokens
from diecast_api.web.blueprint import refuse_undeclared_input
from diecast_api.web.caching import keep_private
from diecast_api.web.metrics import observe_requests
from diecast_api.web.problems import register_problem_handlers

log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None) -> Flask:
    """Wire extensions, handlers and blueprints; nothing else.

    Raises:
        ConfigurationError: the environment does not describe a shop that may be started.
    """
    settings = settings or Settings.from_environment()
    configure_logging(settings.log_level)
    app = Flask("diecast_api", static_folder=None)
    app.json = OrjsonProvider(app)
    if settings.is_production and not settings.rate_limits:
        log.warning("rate_limits_are_off")
    app.config.from_mapping(flask_config(settings))
    configure_tokens(app, settings)
    _bind_extensions(app, settings)
    _register_hooks(app)
    register_problem_handlers(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(docs.blueprint)
    register_rooms(app)
    cli.register_commands(app)
    return app


def _bind_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    migrate.init_app(app, db, compare_type=True)
    jwt.init_app(app)
    limiter.init_app(app)
    cors.init_app(
        app,
        origins=list(settings.frontend_origins),
        expose_headers=EXPOSED_HEADERS,
        max_age=600,
        always_send=False,
    )
    celery.conf.update(celery_config(settings))
    app.extensions["storage"] = Storage(settings)
    app.extensions["midtrans"] = Midtrans(settings)


def _register_hooks(app: Flask) -> None:
    @app.before_request
    def take_request_id() -> None:
        bind_request_id(request.headers.get(REQUEST_ID_HEADER))

    observe_requests(app)
    app.before_request(refuse_undeclared_input)
    app.after_request(keep_private)
    app.after_request(_send_request_id)
    app.after_request(_vary_by_origin)


def _vary_by_origin(response: Response) -> Response:
    """An answer kept for one origin must not be given to another, whose CORS headers differ."""
    response.vary.add("Origin")
    return response


def _send_request_id(response: Response) -> Response:
    response.headers[REQUEST_ID_HEADER] = bound_request_id() or ""
    return response
