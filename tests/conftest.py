"""Real services for every test: PostgreSQL, Redis, an S3 server and the Midtrans simulator.

The services are started once, by the process that was asked to test; each xdist worker has a
database, a Redis database, a bucket and a simulator of its own. Tests commit for real; what they
leave behind is emptied before the next one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from devstack.services import Services
from diecast_api import create_app
from diecast_api.config import Settings
from diecast_api.extensions import db
from diecast_api.orm import Base
from tests.support.databases import create_database
from tests.support.jobs import run_jobs
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.simulator import SimulatorProcess

pytest_plugins = ["tests.support.live_fixtures"]

SERVER_KEY = "SB-Mid-server-TEST0123456789"
_stack = ExitStack()


class IsolatedClient(FlaskClient):
    """Gives every request contexts of its own, as a server does, whatever the test has open."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send one request."""
        return Context().run(super().open, *args, **options)


def pytest_configure(config: pytest.Config) -> None:
    """Start the services in the process that starts the workers; they inherit its environment."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        services = _stack.enter_context(Services.throwaway())
        os.environ.update({f"TEST_{k}": v for k, v in services.environment().items()})


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    _stack.close()


@pytest.fixture(scope="session")
def worker_name() -> str:
    """This xdist worker's name, `main` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """Midtrans, as our own process on a free port."""
    with SimulatorProcess(tmp_path_factory.mktemp("simulator"), server_key=SERVER_KEY) as process:
        yield process


@pytest.fixture(scope="session")
def environment(worker_name: str, simulator: SimulatorProcess) -> dict[str, str]:
    """The shop's settings, as an environment, for this worker."""
    services = {
        name: os.environ[f"TEST_{name}"]
        for name in (
            "DATABASE_URL",
            "REDIS_URL",
            "MINIO_ENDPOINT",
            "MINIO_ACCESS_KEY",
            "MINIO_SECRET_KEY",
            "MINIO_SECURE",
            "MINIO_PUBLIC_URL",
        )
    }
    database = f"test_{worker_name}"
    create_database(services["DATABASE_URL"], database)
    number = int(worker_name.removeprefix("gw") or 0) if worker_name != "main" else 0
    return {
        **services,
        "DATABASE_URL": services["DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}",
        "REDIS_URL": services["REDIS_URL"].rsplit("/", 1)[0] + f"/{number}",
        "MINIO_BUCKET": f"test-{worker_name}",
        "JWT_SECRET_KEY": "a-key-for-tests-0123456789abcdefghijklmnop",
        "MIDTRANS_SERVER_KEY": SERVER_KEY,
        "MIDTRANS_CLIENT_KEY": "SB-Mid-client-TEST0123456789",
        "MIDTRANS_SNAP_BASE_URL": f"{simulator.url}/snap/v1",
        "MIDTRANS_CORE_BASE_URL": simulator.url,
        "MIDTRANS_TIMEOUT_SECONDS": "5",
        "FRONTEND_URL": "https://shop.example.com,https://staff.example.com",
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> Iterator[Flask]:
    """The application on this worker's own database, made by the migrations."""
    application = create_app(Settings.from_environment(environment))
    application.testing = False
    application.test_client_class = IsolatedClient
    with application.app_context():
        from flask_migrate import upgrade

        upgrade()
        application.extensions["storage"].initialise()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """Empty tables, and an application context for tests that call services directly."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        yield
        db.session.remove()


@pytest.fixture
def client(app: Flask, database: None) -> FlaskClient:
    """A browser without memory."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def jobs(app: Flask, database: None) -> Callable[[], int]:
    """Do now, in this process, what the outbox holds for the worker; returns how many tasks ran."""
    return run_jobs


@pytest.fixture
def make_user(client: FlaskClient) -> Callable[..., Person]:
    """Register a customer, or a member of staff where roles are named."""

    def make(*roles: str, email: str | None = None, password: str = PASSWORD) -> Person:
        return sign_up(client, roles, email=email, password=password)

    return make


@pytest.fixture
def customer(make_user: Callable[..., Person]) -> Person:
    """A customer who is signed in."""
    return make_user()


@pytest.fixture
def owner(make_user: Callable[..., Person]) -> Person:
    """The owner, signed in."""
    return make_user("owner")


@pytest.fixture
def make_product(client: FlaskClient, owner: Person) -> Callable[..., dict[str, Any]]:
    """Create a product over the API; `stock` and `price` have defaults."""

    def make(name: str = "Toyota AE86", **fields: Any) -> dict[str, Any]:
        body = {"name": name, "price": 150_000, "stock": 10, **fields}
        response = client.post("/api/v1/products", json=body, headers=owner.headers)
        assert response.status_code == 201, response.json
        product: dict[str, Any] = response.json
        UUID(product["id"])
        return product

    return make


@pytest.fixture
def statements(app: Flask, database: None) -> Iterator[list[str]]:
    """Every SQL statement that is sent while the fixture lives."""
    seen: list[str] = []

    def remember(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        seen.append(statement)

    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", remember)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", remember)
