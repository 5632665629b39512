"""The environment: what is read from it, and what the shop refuses to start with."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from diecast_api.config import ConfigurationError, Settings

GOOD = {
    "DATABASE_URL": "postgresql://diecast:Vq7-kTz2_Lm9@db.internal:5432/diecast",
    "REDIS_URL": "redis://cache.internal:6379/0",
    "MINIO_ENDPOINT": "store.internal:9000",
    "MINIO_ACCESS_KEY": "diecast",
    "MINIO_SECRET_KEY": "hT5uQ2wXz8Rb",
    "MINIO_PUBLIC_URL": "https://images.shop.id",
    "JWT_SECRET_KEY": "b9Jw2LqXz7RtY4KpM8Vn3HsD6FgC1TaE",
    "MIDTRANS_SERVER_KEY": "Mid-server-AbCdEf123456",
    "MIDTRANS_CLIENT_KEY": "Mid-client-AbCdEf123456",
}
PRODUCTION = {
    **GOOD,
    "PYTHON_ENV": "production",
    "MIDTRANS_IS_PRODUCTION": "true",
    "FRONTEND_URL": "https://shop.id",
}
REQUIRED = sorted(set(GOOD) - {"MIDTRANS_CLIENT_KEY"})


def read(base: dict[str, str] = GOOD, **changes: str) -> Settings:
    return Settings.from_environment({**base, **changes})


def complaints(environment: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_environment(environment)
    return str(refusal.value)


def test_defaults() -> None:
    settings = read()
    assert not settings.is_production
    assert not settings.midtrans_is_production
    assert not settings.midtrans_customer_fee
    assert not settings.minio_secure
    assert settings.rate_limits
    assert settings.payment_window == timedelta(minutes=60)
    assert settings.midtrans_timeout_seconds == 10
    assert settings.midtrans_snap_base_url is None
    assert settings.midtrans_core_base_url is None
    sweeps = (
        settings.expiry_sweep_seconds,
        settings.reconcile_sweep_seconds,
        settings.outbox_sweep_seconds,
    )
    assert sweeps == (60, 300, 5)
    assert settings.frontend_origins == ("http://localhost:3000",)


def test_production_starts_with_everything_set() -> None:
    settings = read(PRODUCTION)
    assert settings.is_production
    assert settings.midtrans_is_production


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_every_form_of_a_database_address_is_understood(scheme: str) -> None:
    settings = read(DATABASE_URL=f"{scheme}://me@localhost/shop")
    assert settings.database_url == "postgresql+psycopg2://me@localhost/shop"


def test_an_empty_environment_is_told_everything_that_is_missing() -> None:
    message = complaints({})
    assert [name for name in REQUIRED if f"{name}: is not set" not in message] == []


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, "", "   "])
def test_what_is_required_cannot_be_left_out(name: str, value: str | None) -> None:
    environment = {key: text for key, text in GOOD.items() if key != name}
    if value is not None:
        environment[name] = value
    assert complaints(environment) == f"cannot start: {name}: is not set"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHON_ENV", "staging"),
        ("DATABASE_URL", "mysql://localhost/shop"),
        ("DATABASE_URL", "postgresql://[localhost/shop"),
        ("REDIS_URL", "localhost:6379"),
        ("MINIO_PUBLIC_URL", "images.shop.id"),
        ("MINIO_SECURE", "maybe"),
        ("MIDTRANS_IS_PRODUCTION", "2"),
        ("MIDTRANS_CUSTOMER_FEE", "perhaps"),
        ("MIDTRANS_TIMEOUT_SECONDS", "0"),
        ("MIDTRANS_TIMEOUT_SECONDS", "61"),
        ("RATE_LIMITS", "false"),
        ("LOG_LEVEL", "LOUD"),
        ("ORDER_PAYMENT_WINDOW_MINUTES", "-1"),
        ("ORDER_PAYMENT_WINDOW_MINUTES", "0"),
        ("ORDER_PAYMENT_WINDOW_MINUTES", "nan"),
        ("ORDER_PAYMENT_WINDOW_MINUTES", "inf"),
        ("ORDER_PAYMENT_WINDOW_MINUTES", "an hour"),
        ("ORDER_PAYMENT_WINDOW_MINUTES", "10081"),
        ("EXPIRY_SWEEP_SECONDS", "0"),
        ("RECONCILE_SWEEP_SECONDS", "x"),
        ("OUTBOX_SWEEP_SECONDS", "-5"),
        ("WEB_THREADS", "0"),
        ("WEB_THREADS", "0.5"),
        ("WEB_THREADS", "257"),
        ("FRONTEND_URL", ","),
        ("FRONTEND_URL", "*"),
        ("FRONTEND_URL", "https://*.shop.id"),
        ("FRONTEND_URL", "https://shop.id/path"),
        ("FRONTEND_URL", "https://shop.id,shop.id"),
        ("FRONTEND_URL", "javascript://shop.id"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    message = complaints({**GOOD, name: value})
    assert message.startswith(f"cannot start: {name}: ")
    assert ";" not in message


@pytest.mark.parametrize(
    ("value", "minutes"), [("60", 60), ("0.05", 0.05), ("1.5", 1.5), ("10080", 10080)]
)
def test_the_payment_window_may_be_a_fraction(value: str, minutes: float) -> None:
    assert read(ORDER_PAYMENT_WINDOW_MINUTES=value).payment_window == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("TRUE", True), ("1", True), ("on", True), ("false", False), ("0", False)],
)
def test_flags(value: str, expected: bool) -> None:
    assert read(MIDTRANS_IS_PRODUCTION=value).midtrans_is_production is expected


def test_the_environment_of_midtrans_is_never_guessed_from_the_key() -> None:
    assert not read(MIDTRANS_SERVER_KEY="Mid-server-AbCdEf123456").midtrans_is_production
    assert read(
        MIDTRANS_SERVER_KEY="SB-Mid-server-AbCd123456", MIDTRANS_IS_PRODUCTION="true"
    ).midtrans_is_production


def test_the_first_origin_is_the_base_of_links() -> None:
    settings = read(FRONTEND_URL=" https://shop.id/ , http://localhost:5173,http://10.0.0.7 ")
    assert settings.frontend_origins == (
        "https://shop.id",
        "http://localhost:5173",
        "http://10.0.0.7",
    )
    assert settings.frontend_url == "https://shop.id"


@pytest.mark.parametrize("base", [GOOD, PRODUCTION])
@pytest.mark.parametrize(("length", "is_refused"), [(31, True), (32, False)])
def test_a_short_signing_key_is_refused(
    base: dict[str, str], length: int, is_refused: bool
) -> None:
    environment = {**base, "JWT_SECRET_KEY": GOOD["JWT_SECRET_KEY"][:length]}
    if is_refused:
        assert "JWT_SECRET_KEY: needs at least 32 characters" in complaints(environment)
    else:
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("JWT_SECRET_KEY", "your-super-secret-key-0123456789abcdef"),
        ("JWT_SECRET_KEY", "a" * 64),
        ("MIDTRANS_SERVER_KEY", "your_server_key_1"),
        ("MIDTRANS_SERVER_KEY", "short"),
        ("MIDTRANS_CLIENT_KEY", ""),
        ("MIDTRANS_CLIENT_KEY", "<client-key>"),
        ("MINIO_SECRET_KEY", "minioadmin"),
        ("MINIO_SECRET_KEY", "abc"),
        ("DATABASE_URL", "postgresql://localhost/diecast"),
        ("DATABASE_URL", "postgresql://diecast:password123@localhost/diecast"),
        ("DATABASE_URL", "postgresql://diecast:diec@localhost/diecast"),
        ("REDIS_URL", "redis://:changeit1@localhost/0"),
    ],
)
def test_production_refuses_missing_short_and_example_secrets(name: str, value: str) -> None:
    assert complaints({**PRODUCTION, name: value}).startswith(f"cannot start: {name}")
    if name != "JWT_SECRET_KEY":
        Settings.from_environment({**GOOD, name: value})


@pytest.mark.parametrize("name", ["MIDTRANS_IS_PRODUCTION", "FRONTEND_URL"])
def test_production_wants_it_said(name: str) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}
    assert complaints(environment) == f"cannot start: {name}: is not set"


@pytest.mark.parametrize("name", ["MIDTRANS_SNAP_BASE_URL", "MIDTRANS_CORE_BASE_URL"])
def test_a_simulator_is_refused_in_production(name: str) -> None:
    assert name in complaints({**PRODUCTION, name: "http://127.0.0.1:8100"})
    Settings.from_environment({**GOOD, name: "http://127.0.0.1:8100"})


def test_a_sandbox_key_is_refused_where_money_is_real() -> None:
    sandbox_key = {"MIDTRANS_SERVER_KEY": "SB-Mid-server-AbCdEf123456"}
    assert "MIDTRANS_SERVER_KEY" in complaints({**PRODUCTION, **sandbox_key})
    Settings.from_environment({**PRODUCTION, **sandbox_key, "MIDTRANS_IS_PRODUCTION": "false"})


def test_no_secret_of_the_example_file_is_taken_in_production() -> None:
    lines = Path(".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert example["PYTHON_ENV"] == "production"
    message = complaints({**example, "JWT_SECRET_KEY": "<" + "at-least-32-random-characters" * 2})
    secrets = {name for name, value in example.items() if "<" in value}
    unread = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert {name for name in secrets if name not in message} == unread


def test_what_is_wrong_is_told_all_at_once() -> None:
    message = complaints({**GOOD, "WEB_THREADS": "many", "LOG_LEVEL": "LOUD", "REDIS_URL": ""})
    assert {"WEB_THREADS", "LOG_LEVEL", "REDIS_URL"} <= set(re.findall(r"[A-Z_]{6,}", message))


def test_a_secret_is_not_shown_with_the_settings() -> None:
    shown = repr(read(REDIS_URL="redis://:kB4nWq8Zr@cache/0"))
    secrets = [
        "Vq7-kTz2_Lm9",
        "kB4nWq8Zr",
        *(GOOD[name] for name in GOOD if name.endswith(("SECRET_KEY", "SERVER_KEY"))),
    ]
    assert [secret for secret in secrets if secret in shown] == []
