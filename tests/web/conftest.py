"""The shop with a part of it away."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from diecast_api import create_app
from diecast_api.config import Settings
from diecast_api.extensions import celery, db
from diecast_api.flask_config import celery_config
from tests.conftest import IsolatedClient

ClientWith = Callable[..., FlaskClient]


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address that refuses every connection."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture
def client_with(app: Flask, database: None, environment: dict[str, str]) -> Iterator[ClientWith]:
    """A client of an application whose settings are changed; the broker is restored at the end."""
    settings = Settings.from_environment(environment)
    made: list[Flask] = []

    def make(**changes: Any) -> FlaskClient:
        application = create_app(replace(settings, **changes))
        application.test_client_class = IsolatedClient
        made.append(application)
        return application.test_client(use_cookies=False)

    yield make
    celery.conf.update(celery_config(settings))
    for application in made:
        with application.app_context():
            db.engine.dispose()
