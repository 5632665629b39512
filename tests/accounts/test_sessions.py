"""Signing out, and what people see and change of themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from diecast_api.accounts import sessions
from diecast_api.accounts.models import UserSession
from diecast_api.extensions import db
from diecast_api.orm import utc_now
from tests.support.crowd import at_once
from tests.support.people import Person

ME = "/api/v1/auth/me"
SESSIONS = "/api/v1/auth/sessions"
NEXT_PASSWORD = "kunci-torsi-42"


def sign_in_elsewhere(client: FlaskClient, person: Person) -> tuple[dict[str, str], str]:
    body = {"email": person.email, "password": person.password}
    agent = {"User-Agent": "Sepeda/1.0\x00\x07 (Bandung)"}
    answer: Any = client.post("/api/v1/auth/login", json=body, headers=agent).json
    return {"Authorization": f"Bearer {answer['access_token']}"}, answer["refresh_token"]


def test_logout_ends_this_session_at_once(client: FlaskClient, customer: Person) -> None:
    elsewhere, _ = sign_in_elsewhere(client, customer)
    response = client.post("/api/v1/auth/logout", headers=customer.headers)
    assert (response.status_code, response.data) == (204, b"")
    assert client.get(ME, headers=customer.headers).status_code == 401
    body = {"refresh_token": customer.refresh_token}
    assert client.post("/api/v1/auth/refresh", json=body).json["code"] == "not_authenticated"
    assert client.get(ME, headers=elsewhere).status_code == 200


def test_logging_out_twice_is_401(client: FlaskClient, customer: Person) -> None:
    client.post("/api/v1/auth/logout", headers=customer.headers)
    assert client.post("/api/v1/auth/logout", headers=customer.headers).status_code == 401


def test_logout_all_ends_every_session(
    client: FlaskClient, make_user: Callable[..., Person]
) -> None:
    person, somebody_else = make_user(), make_user()
    elsewhere, refresh_token = sign_in_elsewhere(client, person)
    assert client.post("/api/v1/auth/logout-all", headers=person.headers).status_code == 204
    for headers in (person.headers, elsewhere):
        assert client.get(ME, headers=headers).status_code == 401
    body = {"refresh_token": refresh_token}
    assert client.post("/api/v1/auth/refresh", json=body).status_code == 401
    assert client.get(ME, headers=somebody_else.headers).status_code == 200


def test_sessions_are_listed_last_used_first(client: FlaskClient, customer: Person) -> None:
    elsewhere, _ = sign_in_elsewhere(client, customer)
    answer: Any = client.get(SESSIONS, headers=customer.headers).json
    assert set(answer) == {"items"}
    newest, oldest = answer["items"]
    assert set(newest) == {"id", "created_at", "last_used_at", "ip", "user_agent", "is_current"}
    assert (newest["is_current"], oldest["is_current"]) == (False, True)
    assert newest["user_agent"] == "Sepeda/1.0 (Bandung)"
    assert newest["ip"] == "127.0.0.1"
    assert newest["created_at"].endswith("Z")
    client.post("/api/v1/auth/refresh", json={"refresh_token": customer.refresh_token})
    reordered: Any = client.get(SESSIONS, headers=elsewhere).json
    assert [item["id"] for item in reordered["items"]] == [oldest["id"], newest["id"]]


def test_one_session_can_be_ended(client: FlaskClient, customer: Person) -> None:
    elsewhere, _ = sign_in_elsewhere(client, customer)
    items = client.get(SESSIONS, headers=elsewhere).json["items"]
    other = next(item["id"] for item in items if not item["is_current"])
    assert client.delete(f"{SESSIONS}/{other}", headers=elsewhere).status_code == 204
    assert client.get(ME, headers=customer.headers).status_code == 401
    assert client.delete(f"{SESSIONS}/{other}", headers=elsewhere).status_code == 404
    assert len(client.get(SESSIONS, headers=elsewhere).json["items"]) == 1


def test_sessions_of_others_are_not_there(
    client: FlaskClient, make_user: Callable[..., Person]
) -> None:
    person, stranger = make_user(), make_user()
    session_id = client.get(SESSIONS, headers=person.headers).json["items"][0]["id"]
    response = client.delete(f"{SESSIONS}/{session_id}", headers=stranger.headers)
    assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert client.get(ME, headers=person.headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ME),
        ("PATCH", ME),
        ("POST", "/api/v1/auth/logout"),
        ("POST", "/api/v1/auth/logout-all"),
        ("POST", f"{ME}/password"),
        ("GET", SESSIONS),
        ("DELETE", f"{SESSIONS}/01970000-0000-7000-8000-000000000000"),
    ],
)
@pytest.mark.parametrize("token", [None, "Bearer x", "Bearer", "Basic YTpi", "Bearer a b", ""])
def test_without_a_good_token_is_401(
    client: FlaskClient, method: str, path: str, token: str | None
) -> None:
    headers = {} if token is None else {"Authorization": token}
    response = client.open(path, method=method, headers=headers)
    assert (response.status_code, response.json["code"]) == (401, "not_authenticated")
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("(022) 423-2222", "+62224232222"),
        (None, None),
    ],
)
def test_phone_is_kept_in_one_form(
    client: FlaskClient, customer: Person, written: str | None, kept: str | None
) -> None:
    response = client.patch(ME, json={"phone": written}, headers=customer.headers)
    assert response.status_code == 200
    assert response.json["phone"] == kept
    assert client.get(ME, headers=customer.headers).json == response.json


def test_what_is_left_out_stays(client: FlaskClient, customer: Person) -> None:
    client.patch(ME, json={"phone": "081234567890"}, headers=customer.headers)
    user: Any = client.patch(ME, json={"full_name": "Budi"}, headers=customer.headers).json
    assert (user["full_name"], user["phone"]) == ("Budi", "+6281234567890")
    assert client.patch(ME, json={}, headers=customer.headers).json == user


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "12345"),
        ("phone", "+1 202 555 0100"),
        ("phone", "٠٨١٢٣٤٥٦٧٨٩٠"),
        ("phone", ""),
        ("phone", 81234567890),
        ("full_name", None),
        ("full_name", " "),
        ("full_name", "n" * 121),
        ("email", "other@example.com"),
        ("roles", ["owner"]),
        ("is_admin", True),
        ("email_verified", True),
    ],
)
def test_wrong_change_is_named(
    client: FlaskClient, customer: Person, field: str, value: Any
) -> None:
    before = client.get(ME, headers=customer.headers).json
    response = client.patch(ME, json={field: value}, headers=customer.headers)
    assert (response.status_code, list(response.json["errors"])) == (422, [field])
    assert client.get(ME, headers=customer.headers).json == before


def change_password(client: FlaskClient, headers: dict[str, str], **changes: str) -> Any:
    body = {"current_password": "", "new_password": NEXT_PASSWORD, **changes}
    return client.post(f"{ME}/password", json=body, headers=headers)


def test_new_password_ends_every_other_session(client: FlaskClient, customer: Person) -> None:
    elsewhere, refresh_token = sign_in_elsewhere(client, customer)
    answer = change_password(client, customer.headers, current_password=customer.password)
    assert answer.status_code == 204
    assert client.get(ME, headers=customer.headers).status_code == 200
    assert client.get(ME, headers=elsewhere).status_code == 401
    body = {"refresh_token": refresh_token}
    assert client.post("/api/v1/auth/refresh", json=body).status_code == 401
    for password, status in ((customer.password, 401), (NEXT_PASSWORD, 200)):
        body = {"email": customer.email, "password": password}
        assert client.post("/api/v1/auth/login", json=body).status_code == status


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"current_password": "not-the-one"}, "current_password"),
        ({"current_password": "x", "new_password": "short"}, "new_password"),
        ({"current_password": "x", "new_password": "password1"}, "new_password"),
    ],
)
def test_refused_password_changes_nothing(
    client: FlaskClient, customer: Person, changes: dict[str, str], field: str
) -> None:
    response = change_password(client, customer.headers, **changes)
    assert (response.status_code, list(response.json["errors"])) == (422, [field])
    body = {"email": customer.email, "password": customer.password}
    assert client.post("/api/v1/auth/login", json=body).status_code == 200


def test_of_two_changes_of_the_password_at_once_one_counts(
    client: FlaskClient, customer: Person
) -> None:
    answers = at_once(
        *(
            lambda wish=wish: change_password(
                client,
                customer.headers,
                current_password=customer.password,
                new_password=f"{NEXT_PASSWORD}-{wish}",
            )
            for wish in range(2)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [204, 422]


def test_only_expired_sessions_are_forgotten(
    client: FlaskClient, make_user: Callable[..., Person]
) -> None:
    expired, open_, ended = make_user(), make_user(), make_user()
    client.post("/api/v1/auth/logout", headers=ended.headers)
    with db.engine.begin() as connection:
        connection.execute(
            sa.update(UserSession)
            .where(UserSession.user_id == expired.id)
            .values(expires_at=utc_now() - timedelta(seconds=1))
        )
    assert sessions.purge() == 1
    assert client.get("/api/v1/auth/me", headers=open_.headers).status_code == 200
    remaining = set(db.session.scalars(sa.select(UserSession.user_id)))
    assert remaining == {open_.id, ended.id}
