"""The command that makes an owner."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.accounts.models import User
from diecast_api.extensions import db
from tests.support.people import PASSWORD, Person

OWNER = "ibu@example.com"


def create_owner(app: Flask, email: str = OWNER, password: str = PASSWORD) -> Result:
    command = ["users", "create-owner", "--email", email, "--full-name", "Ibu Pemilik"]
    return app.test_cli_runner().invoke(args=command, input=f"{password}\n")


def login(client: FlaskClient, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/auth/login", json={"email": email, "password": password})


def test_owner_can_sign_in_and_work(app: Flask, client: FlaskClient) -> None:
    result = create_owner(app)
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    answer = login(client, OWNER).json
    assert (answer["user"]["is_admin"], answer["user"]["roles"]) == (True, ["owner"])
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    body = {"name": "Honda NSX", "price": 100_000, "stock": 1}
    assert client.post("/api/v1/products", json=body, headers=headers).status_code == 201


def test_the_same_twice(app: Flask, client: FlaskClient) -> None:
    create_owner(app)
    token = login(client, OWNER).json["access_token"]
    assert create_owner(app, OWNER.upper()).exit_code == 0
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/auth/me", headers=headers).status_code == 200
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1


def test_account_becomes_owner_with_the_new_password(
    app: Flask, client: FlaskClient, customer: Person
) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.update(User).values(is_active=False, roles=["support"]))
    assert create_owner(app, customer.email, "kunci-torsi-42").exit_code == 0
    assert client.get("/api/v1/auth/me", headers=customer.headers).status_code == 401
    assert login(client, customer.email).status_code == 401
    user = login(client, customer.email, "kunci-torsi-42").json["user"]
    assert user["roles"] == ["owner", "support"]
    assert user["full_name"] == "Budi Kolektor"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("email", "password"), [("ibu", PASSWORD), (OWNER, "short"), (OWNER, "password1"), (OWNER, "")]
)
def test_unusable_account_is_refused(app: Flask, email: str, password: str) -> None:
    result = create_owner(app, email, password)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Not an account that can be made")
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 0
