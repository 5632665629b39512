"""Refresh tokens: each is good once, and one that comes back closes its family."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.accounts.models import UserSession
from diecast_api.accounts.sessions import REFRESH_LIFETIME
from diecast_api.extensions import db
from diecast_api.orm import utc_now
from tests.support.crowd import at_once_behind
from tests.support.people import Person

URL = "/api/v1/auth/refresh"


def refresh(client: FlaskClient, token: str) -> Any:
    return client.post(URL, json={"refresh_token": token})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def is_good(client: FlaskClient, access_token: str) -> bool:
    status = client.get("/api/v1/auth/me", headers=bearer(access_token)).status_code
    assert status in (200, 401)
    return status == 200


def test_gives_a_new_pair(client: FlaskClient, customer: Person) -> None:
    response = refresh(client, customer.refresh_token)
    assert response.status_code == 200
    assert response.json["refresh_token"] != customer.refresh_token
    assert response.json["user"]["id"] == str(customer.id)
    assert is_good(client, response.json["access_token"])
    assert refresh(client, response.json["refresh_token"]).status_code == 200


def test_token_may_be_sent_as_bearer(client: FlaskClient, customer: Person) -> None:
    response = client.post(URL, headers=bearer(customer.refresh_token))
    assert response.status_code == 200
    assert client.post(URL, headers=bearer(response.json["refresh_token"])).status_code == 200


def test_body_counts_where_a_stale_access_token_comes_along(
    client: FlaskClient, customer: Person
) -> None:
    body = {"refresh_token": customer.refresh_token}
    response = client.post(URL, json=body, headers=bearer("stale"))
    assert response.status_code == 200


def test_spent_token_closes_the_whole_family(client: FlaskClient, customer: Person) -> None:
    second = refresh(client, customer.refresh_token).json
    third = refresh(client, second["refresh_token"]).json
    reused = refresh(client, customer.refresh_token)
    assert (reused.status_code, reused.json["code"]) == (401, "token_reused")
    assert not is_good(client, customer.access_token)
    assert not is_good(client, third["access_token"])
    closed = refresh(client, third["refresh_token"])
    assert (closed.status_code, closed.json["code"]) == (401, "not_authenticated")
    assert refresh(client, second["refresh_token"]).json["code"] == "token_reused"


def test_other_sessions_of_the_person_stay_open(client: FlaskClient, customer: Person) -> None:
    body = {"email": customer.email, "password": customer.password}
    elsewhere = client.post("/api/v1/auth/login", json=body).json
    refresh(client, customer.refresh_token)
    refresh(client, customer.refresh_token)
    assert is_good(client, elsewhere["access_token"])
    assert refresh(client, elsewhere["refresh_token"]).status_code == 200


def test_of_many_at_once_one_gets_the_successor(client: FlaskClient, customer: Person) -> None:
    session = sa.select(UserSession.id)
    answers = at_once_behind(session, *[lambda: refresh(client, customer.refresh_token)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert {a.json["code"] for a in answers if a.status_code == 401} == {"token_reused"}
    winner = next(answer.json for answer in answers if answer.status_code == 200)
    assert not is_good(client, winner["access_token"])


def test_each_kind_of_token_is_good_for_its_purpose_only(
    client: FlaskClient, customer: Person
) -> None:
    assert not is_good(client, customer.refresh_token)
    assert refresh(client, customer.access_token).status_code == 401
    assert client.post(URL, headers=bearer(customer.access_token)).status_code == 401
    assert refresh(client, customer.refresh_token).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "..", "Bearer x", " ", "x" * 4096])
def test_garbage_is_401(client: FlaskClient, token: str) -> None:
    assert refresh(client, token).status_code == 401


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}]
)
def test_no_token_is_401(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(URL, headers=headers).status_code == 401


@pytest.mark.parametrize("body", [{"refresh_token": 1}, {"refresh_token": ""}, {"token": "x"}, []])
def test_malformed_body_is_422(client: FlaskClient, body: Any) -> None:
    assert client.post(URL, json=body).status_code == 422


def test_session_lives_for_thirty_days_from_its_last_use(
    client: FlaskClient, customer: Person
) -> None:
    with db.engine.begin() as connection:
        soon = utc_now() + timedelta(minutes=1)
        connection.execute(sa.update(UserSession).values(expires_at=soon))
    refresh(client, customer.refresh_token)
    expires_at = db.session.scalar(sa.select(UserSession.expires_at))
    assert expires_at is not None
    assert expires_at > utc_now() + REFRESH_LIFETIME - timedelta(minutes=5)


def test_expired_session_is_over(client: FlaskClient, customer: Person) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.update(UserSession).values(expires_at=utc_now()))
    assert not is_good(client, customer.access_token)
    assert refresh(client, customer.refresh_token).status_code == 401


def _claims(app: Flask, token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        token, app.config["JWT_SECRET_KEY"], algorithms=["HS256"], audience="diecast-shop"
    )
    return claims


def test_lifetimes(app: Flask, customer: Person) -> None:
    access = _claims(app, customer.access_token)
    assert access["exp"] - access["iat"] == 15 * 60
    rotating = _claims(app, customer.refresh_token)
    assert rotating["exp"] - rotating["iat"] == 30 * 24 * 60 * 60


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize(
    ("change", "key", "algorithm"),
    [
        ({}, "another-key-0123456789-0123456789-0123456789", "HS256"),
        ({}, None, "none"),
        ({}, "same", "HS512"),
        ({"exp": 1}, "same", "HS256"),
        ({"iss": "somebody"}, "same", "HS256"),
        ({"aud": "somebody"}, "same", "HS256"),
        ({"sid": "01970000-0000-7000-8000-000000000000"}, "same", "HS256"),
        ({"sid": "x"}, "same", "HS256"),
        ({"sid": 7}, "same", "HS256"),
        ({"sub": "01970000-0000-7000-8000-000000000000"}, "same", "HS256"),
        ({"sub": "x"}, "same", "HS256"),
        ({"nbf": int(time.time()) + 3600}, "same", "HS256"),
    ],
)
@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_forged_or_altered_token_is_401(
    app: Flask,
    client: FlaskClient,
    customer: Person,
    kind: str,
    change: dict[str, Any],
    key: str | None,
    algorithm: str,
) -> None:
    genuine = customer.access_token if kind == "access" else customer.refresh_token
    claims = {**_claims(app, genuine), **change}
    secret = app.config["JWT_SECRET_KEY"] if key == "same" else key
    forged = jwt.encode(claims, secret or "", algorithm=algorithm)
    if kind == "access":
        assert not is_good(client, forged)
    else:
        assert refresh(client, forged).status_code == 401
        assert refresh(client, genuine).status_code == 200
