"""Making an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.accounts import passwords
from diecast_api.accounts.models import User
from diecast_api.extensions import db
from tests.support.crowd import at_once

BODY = {"email": "ayu@example.com", "password": "securepassword", "full_name": "Ayu Lestari"}


def register(client: FlaskClient, **changes: Any) -> Any:
    return client.post("/api/v1/auth/register", json={**BODY, **changes})


def test_answers_with_the_login_body(client: FlaskClient) -> None:
    response = register(client)
    assert response.status_code == 201
    answer = response.json
    assert set(answer) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert answer["token_type"] == "bearer"
    assert answer["expires_in"] == 900
    user = answer["user"]
    assert set(user) == {
        "id", "email", "full_name", "phone", "is_admin", "roles", "email_verified", "created_at",
    }  # fmt: skip
    assert UUID(user["id"]).version == 7
    assert user["created_at"].endswith("Z")
    datetime.fromisoformat(user["created_at"])
    assert (user["email"], user["full_name"]) == (BODY["email"], BODY["full_name"])
    assert (user["phone"], user["is_admin"], user["roles"]) == (None, False, [])
    assert user["email_verified"] is False
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_tokens_work_at_once(client: FlaskClient) -> None:
    token = register(client).json["access_token"]
    response = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert response.json["email"] == BODY["email"]


def test_address_is_one_whatever_its_case(client: FlaskClient) -> None:
    assert register(client, email="Ayu@Example.COM").json["user"]["email"] == "ayu@example.com"
    response = register(client, email="AYU@example.com")
    assert (response.status_code, response.json["code"]) == (409, "email_taken")


def test_of_two_at_once_one_gets_the_address(client: FlaskClient) -> None:
    answers = at_once(*[lambda: register(client)] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1


def test_password_is_kept_as_argon2id(client: FlaskClient) -> None:
    register(client)
    kept = db.session.scalar(sa.select(User.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", ["p@ssword"[:7], "x" * 129, "", " " * 7])
def test_password_has_8_to_128_characters(client: FlaskClient, password: str) -> None:
    response = register(client, password=password)
    assert response.status_code == 422
    assert list(response.json["errors"]) == ["password"]


@pytest.mark.parametrize("password", ["kucing-8", "é" * 128, "🏎️🏎️🏎️🏎️", " spaces stay "])
def test_password_may_hold_any_characters(client: FlaskClient, password: str) -> None:
    assert register(client, password=password).status_code == 201
    body = {"email": BODY["email"], "password": password}
    assert client.post("/api/v1/auth/login", json=body).status_code == 200
    body["password"] = password.strip() + "."
    assert client.post("/api/v1/auth/login", json=body).status_code == 401


@pytest.mark.parametrize("password", ["password", "PassWord1", "12345678", "qwertyuiop"])
def test_common_password_is_refused(client: FlaskClient, password: str) -> None:
    response = register(client, password=password)
    assert response.status_code == 422
    assert response.json["errors"]["password"] == ["Too common; choose another password."]


def test_three_thousand_passwords_are_common() -> None:
    assert len(passwords._common_passwords()) == 3000
    assert not passwords.is_common("securepassword")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not-an-address"),
        ("email", "a@b"),
        ("email", "ä@example.com"),
        ("email", "a" * 250 + "@example.com"),
        ("email", "two@example.com, lines@example.com"),
        ("email", "line\nbreak@example.com"),
        ("email", None),
        ("email", 7),
        ("email", ["ayu@example.com"]),
        ("email", {"$ne": ""}),
        ("password", None),
        ("password", 12345678),
        ("full_name", ""),
        ("full_name", "   "),
        ("full_name", "n" * 121),
        ("full_name", "Ayu\nBcc: all@example.com"),
        ("full_name", "bell\x07"),
        ("full_name", None),
        ("full_name", True),
        ("role", "owner"),
        ("is_admin", True),
        ("roles", ["owner"]),
        ("id", "01970000-0000-7000-8000-000000000000"),
    ],
)
def test_wrong_field_is_named(client: FlaskClient, field: str, value: Any) -> None:
    response = register(client, **{field: value})
    assert response.status_code == 422
    assert response.json["code"] == "validation_error"
    assert list(response.json["errors"]) == [field]


@pytest.mark.parametrize("field", ["email", "password", "full_name"])
def test_missing_field_is_named(client: FlaskClient, field: str) -> None:
    body = {name: value for name, value in BODY.items() if name != field}
    response = client.post("/api/v1/auth/register", json=body)
    assert (response.status_code, list(response.json["errors"])) == (422, [field])


@pytest.mark.parametrize("field", ["email", "password", "full_name"])
def test_nul_is_refused(client: FlaskClient, field: str) -> None:
    assert register(client, **{field: BODY[field] + "\0"}).status_code == 422


def test_full_name_is_trimmed(client: FlaskClient) -> None:
    assert register(client, full_name="  Ayu Lestari ").json["user"]["full_name"] == "Ayu Lestari"


def test_any_cart_token_is_survived(client: FlaskClient) -> None:
    for number, token in enumerate(["", "x", "ÿ" * 4000, "%00", "'; DROP TABLE carts;--"]):
        response = client.post(
            "/api/v1/auth/register",
            json={**BODY, "email": f"guest-{number}@example.com"},
            headers={"X-Cart-Token": token},
        )
        assert response.status_code == 201
