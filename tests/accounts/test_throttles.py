"""Limits on guessing passwords, with `RATE_LIMITS=on`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from diecast_api import create_app
from diecast_api.config import Settings
from diecast_api.extensions import limiter
from tests.conftest import IsolatedClient
from tests.support.live import ROOT, free_port, wait_until
from tests.support.people import PASSWORD, Person

ATTEMPTS_A_MINUTE = 5
ATTEMPTS_A_MINUTE_BY_ADDRESS = 20


@pytest.fixture
def limited(app: Flask, database: None, environment: dict[str, str]) -> Iterator[FlaskClient]:
    """A client of an application that limits, with nothing counted yet."""
    application = create_app(Settings.from_environment({**environment, "RATE_LIMITS": "on"}))
    application.test_client_class = IsolatedClient
    with application.app_context():
        limiter.reset()
    yield application.test_client(use_cookies=False)
    limiter.enabled = False


def login(client: FlaskClient, email: str, password: str = "wrong-password", ip: str = "") -> Any:
    return client.post(
        "/api/v1/auth/login",
        json={"email": email, "password": password},
        environ_base={"REMOTE_ADDR": ip or "127.0.0.1"},
    )


def test_too_many_failures_on_an_account_have_to_wait(
    limited: FlaskClient, customer: Person
) -> None:
    for _ in range(ATTEMPTS_A_MINUTE):
        assert login(limited, customer.email).status_code == 401
    refused = login(limited, customer.email.upper(), PASSWORD)
    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert 1 <= refused.json["retry_after"] <= 60
    assert refused.headers["Retry-After"] == str(refused.json["retry_after"])
    assert refused.mimetype == "application/problem+json"
    elsewhere = login(limited, customer.email, PASSWORD, ip="198.51.100.7")
    assert elsewhere.status_code == 429


def test_other_accounts_are_not_concerned(limited: FlaskClient, customer: Person) -> None:
    for _ in range(ATTEMPTS_A_MINUTE):
        login(limited, "somebody-else@example.com")
    assert login(limited, "somebody-else@example.com").status_code == 429
    assert login(limited, customer.email, PASSWORD).status_code == 200


def test_an_account_that_does_not_exist_is_limited_like_any(limited: FlaskClient) -> None:
    statuses = [login(limited, "nobody@example.com").status_code for _ in range(6)]
    assert statuses == [401] * ATTEMPTS_A_MINUTE + [429]


def test_an_address_that_tries_many_accounts_has_to_wait(
    limited: FlaskClient, customer: Person
) -> None:
    for number in range(ATTEMPTS_A_MINUTE_BY_ADDRESS):
        assert login(limited, f"guess-{number}@example.com").status_code == 401
    assert login(limited, customer.email, PASSWORD).status_code == 429
    assert login(limited, customer.email, PASSWORD, ip="198.51.100.7").status_code == 200


def test_success_does_not_count(limited: FlaskClient, customer: Person) -> None:
    for _ in range(ATTEMPTS_A_MINUTE_BY_ADDRESS + 5):
        assert login(limited, customer.email, PASSWORD).status_code == 200


def test_limits_are_off_where_they_are_switched_off(client: FlaskClient, customer: Person) -> None:
    for _ in range(ATTEMPTS_A_MINUTE + 2):
        assert login(client, customer.email).status_code == 401


def test_guessing_the_current_password_is_limited(limited: FlaskClient, customer: Person) -> None:
    body = {"current_password": "wrong-password", "new_password": "kunci-torsi-42"}
    statuses = [
        limited.post("/api/v1/auth/me/password", json=body, headers=customer.headers).status_code
        for _ in range(ATTEMPTS_A_MINUTE + 1)
    ]
    assert statuses == [422] * ATTEMPTS_A_MINUTE + [429]


@pytest.mark.usefixtures("database")
def test_limits_hold_while_redis_is_down(environment: dict[str, str]) -> None:
    """Each process counts for itself then; nobody is refused or kept waiting for Redis."""
    port = free_port()
    settings = {
        **environment,
        "RATE_LIMITS": "on",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "WEB_CONCURRENCY": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with requests.Session() as http:
            http.trust_env = False
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(http, f"{url}/health"), "the API answers")
            body = {"email": "nobody@example.com", "password": "wrong-password"}
            statuses = [
                http.post(f"{url}/api/v1/auth/login", json=body, timeout=30).status_code
                for _ in range(ATTEMPTS_A_MINUTE + 1)
            ]
        assert statuses == [401] * ATTEMPTS_A_MINUTE + [429]
    finally:
        process.terminate()
        process.wait(30)


def _answers(http: requests.Session, url: str) -> bool:
    try:
        return http.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False
