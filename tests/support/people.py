"""Customers and staff, made over the API."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.accounts.models import User
from diecast_api.extensions import db

PASSWORD = "kunci-inggris-17"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    id: UUID
    email: str
    password: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        """The header that says who is asking."""
        return {"Authorization": f"Bearer {self.access_token}"}


def sign_up(
    client: FlaskClient, roles: tuple[str, ...] = (), *, email: str | None, password: str
) -> Person:
    """Register over the API; roles are given in the database, as a shop's first owner gets them."""
    email = email or f"collector-{next(_numbers)}@example.com"
    body = {"email": email, "password": password, "full_name": "Budi Kolektor"}
    response = client.post("/api/v1/auth/register", json=body)
    assert response.status_code == 201, response.json
    answer = response.json
    if roles:
        with db.engine.begin() as connection:
            connection.execute(sa.update(User).where(User.email == email).values(roles=list(roles)))
    return Person(
        UUID(answer["user"]["id"]),
        email,
        password,
        answer["access_token"],
        answer["refresh_token"],
    )
