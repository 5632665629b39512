"""Signing in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from diecast_api.accounts import passwords
from diecast_api.accounts.models import User
from diecast_api.extensions import db
from tests.support.people import PASSWORD, Person


def login(client: FlaskClient, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/auth/login", json={"email": email, "password": password})


def change_user(person: Person, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.update(User).where(User.id == person.id).values(**values))


def test_answers_with_tokens_and_user(client: FlaskClient, customer: Person) -> None:
    response = login(client, customer.email.upper())
    assert response.status_code == 200
    assert response.json["user"]["id"] == str(customer.id)
    headers = {"Authorization": f"Bearer {response.json['access_token']}"}
    assert client.get("/api/v1/auth/me", headers=headers).status_code == 200


def test_unknown_address_and_wrong_password_look_the_same(
    client: FlaskClient, customer: Person
) -> None:
    wrong = login(client, customer.email, "not-the-password")
    unknown = login(client, "nobody@example.com", "not-the-password")
    assert (wrong.status_code, wrong.json["code"]) == (401, "invalid_credentials")
    assert wrong.headers["WWW-Authenticate"] == "Bearer"
    for answer in (wrong, unknown):
        answer.json.pop("request_id")
    assert {**wrong.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_no_password_opens_an_account_that_does_not_exist() -> None:
    assert not passwords.matches(None, "")
    assert passwords.matches(passwords.hashed("kunci-pas-10"), "kunci-pas-10")


def test_disabled_account_is_out_at_once(client: FlaskClient, customer: Person) -> None:
    change_user(customer, is_active=False)
    assert client.get("/api/v1/auth/me", headers=customer.headers).status_code == 401
    body = {"refresh_token": customer.refresh_token}
    assert client.post("/api/v1/auth/refresh", json=body).status_code == 401
    refused = login(client, customer.email)
    assert (refused.status_code, refused.json["code"]) == (401, "invalid_credentials")


def test_roles_are_those_of_now(client: FlaskClient, customer: Person) -> None:
    change_user(customer, roles=["support", "catalog"])
    user = client.get("/api/v1/auth/me", headers=customer.headers).json
    assert (user["is_admin"], user["roles"]) == (True, ["support", "catalog"])


def test_outdated_hash_is_renewed(client: FlaskClient, customer: Person) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    change_user(customer, password_hash=weak)
    assert login(client, customer.email).status_code == 200
    renewed = db.session.scalar(sa.select(User.password_hash).where(User.id == customer.id))
    assert renewed is not None
    assert "m=19456,t=2,p=1" in renewed
    assert login(client, customer.email).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a@example.com"},
        {"password": PASSWORD},
        {"email": "a@example.com", "password": ""},
        {"email": "a@example.com", "password": None},
        {"email": "a@example.com", "password": "x" * 1025},
        {"email": ["a@example.com"], "password": PASSWORD},
        {"email": "a@example.com", "password": PASSWORD, "remember": True},
        [],
        "text",
        7,
    ],
)
def test_malformed_body_is_422(client: FlaskClient, body: Any) -> None:
    response = client.post("/api/v1/auth/login", json=body)
    assert (response.status_code, response.json["code"]) == (422, "validation_error")


def test_person_can_be_signed_in_many_times(
    client: FlaskClient, make_user: Callable[..., Person]
) -> None:
    person = make_user()
    tokens = [login(client, person.email).json["access_token"] for _ in range(3)]
    for token in tokens:
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/auth/me", headers=headers).status_code == 200
