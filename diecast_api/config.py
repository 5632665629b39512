"""Settings of one process, read once from the environment.

`.env.example` documents every name. The API, the worker, beat and the command line all start from
`Settings.from_environment()`, so a wrong setting stops every one of them with the same message.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

MIN_SECRET_LENGTH = 32
MAX_PAYMENT_WINDOW_MINUTES = 7 * 24 * 60  # a Snap page lives seven days at the most
PLACEHOLDERS = ("<", "change", "example", "your-", "your_", "placeholder", "minioadmin", "password")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class ConfigurationError(Exception):
    """The environment does not describe a shop that may be started; the message lists why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the environment decides. Durations are `timedelta` or seconds, as named."""

    is_production: bool
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    minio_endpoint: str
    minio_access_key: str
    minio_secret_key: str = field(repr=False)
    minio_secure: bool
    minio_bucket: str
    minio_public_url: str
    jwt_secret_key: str = field(repr=False)
    midtrans_server_key: str = field(repr=False)
    midtrans_client_key: str
    midtrans_is_production: bool
    midtrans_snap_base_url: str | None
    midtrans_core_base_url: str | None
    midtrans_customer_fee: bool
    midtrans_timeout_seconds: float
    rate_limits: bool
    frontend_origins: tuple[str, ...]
    payment_window: timedelta
    expiry_sweep_seconds: float
    reconcile_sweep_seconds: float
    outbox_sweep_seconds: float
    web_threads: int
    log_level: str

    @property
    def frontend_url(self) -> str:
        """Base of the links in e-mails and of Snap's way back: the first allowed origin."""
        return self.frontend_origins[0]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read and check the environment.

        Raises:
            ConfigurationError: names every missing, malformed or unsafe setting at once.
        """
        reader = _Reader(os.environ if environment is None else environment)
        settings = cls(
            is_production=reader.choice("PYTHON_ENV", "development", "production") == "production",
            database_url=_psycopg2_url(
                reader.address("DATABASE_URL", "postgresql", "postgres", "postgresql+psycopg2")
            ),
            redis_url=reader.address("REDIS_URL", "redis", "rediss"),
            minio_endpoint=reader.required("MINIO_ENDPOINT"),
            minio_access_key=reader.required("MINIO_ACCESS_KEY"),
            minio_secret_key=reader.required("MINIO_SECRET_KEY"),
            minio_secure=reader.flag("MINIO_SECURE", default=False),
            minio_bucket=reader.text("MINIO_BUCKET", "diecast"),
            minio_public_url=reader.address("MINIO_PUBLIC_URL", "http", "https").rstrip("/"),
            jwt_secret_key=reader.required("JWT_SECRET_KEY"),
            midtrans_server_key=reader.required("MIDTRANS_SERVER_KEY"),
            midtrans_client_key=reader.text("MIDTRANS_CLIENT_KEY", ""),
            midtrans_is_production=reader.flag("MIDTRANS_IS_PRODUCTION", default=False),
            midtrans_snap_base_url=reader.optional("MIDTRANS_SNAP_BASE_URL"),
            midtrans_core_base_url=reader.optional("MIDTRANS_CORE_BASE_URL"),
            midtrans_customer_fee=reader.flag("MIDTRANS_CUSTOMER_FEE", default=False),
            midtrans_timeout_seconds=reader.number("MIDTRANS_TIMEOUT_SECONDS", 10, upto=60),
            rate_limits=reader.choice("RATE_LIMITS", "on", "off") == "on",
            frontend_origins=reader.origins("FRONTEND_URL", "http://localhost:3000"),
            payment_window=timedelta(
                minutes=reader.number(
                    "ORDER_PAYMENT_WINDOW_MINUTES", 60, upto=MAX_PAYMENT_WINDOW_MINUTES
                )
            ),
            expiry_sweep_seconds=reader.number("EXPIRY_SWEEP_SECONDS", 60),
            reconcile_sweep_seconds=reader.number("RECONCILE_SWEEP_SECONDS", 300),
            outbox_sweep_seconds=reader.number("OUTBOX_SWEEP_SECONDS", 5),
            web_threads=reader.whole("WEB_THREADS", 8, upto=256),
            log_level=reader.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
        )
        reader.raise_complaints()
        _check_safety(settings, reader)
        reader.raise_complaints()
        return settings


def _check_safety(settings: Settings, reader: _Reader) -> None:
    if len(settings.jwt_secret_key) < MIN_SECRET_LENGTH:
        reader.complain(f"JWT_SECRET_KEY: needs at least {MIN_SECRET_LENGTH} characters")
    if not settings.is_production:
        return
    secrets = {
        "JWT_SECRET_KEY": settings.jwt_secret_key,
        "MIDTRANS_SERVER_KEY": settings.midtrans_server_key,
        "MIDTRANS_CLIENT_KEY": settings.midtrans_client_key,
        "MINIO_SECRET_KEY": settings.minio_secret_key,
        "DATABASE_URL (its password)": urlsplit(settings.database_url).password or "",
    }
    if redis_password := urlsplit(settings.redis_url).password:
        secrets["REDIS_URL (its password)"] = redis_password
    for name, secret in secrets.items():
        if _is_placeholder(secret):
            reader.complain(f"{name}: is missing, too simple, or still an example's value")
    reader.required("MIDTRANS_IS_PRODUCTION")
    reader.required("FRONTEND_URL")
    if settings.midtrans_snap_base_url or settings.midtrans_core_base_url:
        reader.complain("MIDTRANS_SNAP_BASE_URL, MIDTRANS_CORE_BASE_URL: not in production")
    if settings.midtrans_is_production and settings.midtrans_server_key.startswith("SB-"):
        reader.complain("MIDTRANS_SERVER_KEY: a sandbox key (SB-) while MIDTRANS_IS_PRODUCTION")


def _is_placeholder(secret: str) -> bool:
    lowered = secret.lower()
    return (
        len(secret) < 8
        or len(set(secret)) < 6
        or any(placeholder in lowered for placeholder in PLACEHOLDERS)
    )


def _psycopg2_url(url: str) -> str:
    """SQLAlchemy's name for a libpq style address."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url.removeprefix(prefix)
    return url


class _Reader:
    """Reads names out of the environment and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._complaints: list[str] = []

    def complain(self, complaint: str) -> None:
        if complaint not in self._complaints:
            self._complaints.append(complaint)

    def raise_complaints(self) -> None:
        if self._complaints:
            raise ConfigurationError("cannot start: " + "; ".join(self._complaints))

    def optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            self.complain(f"{name}: is not set")
        return value or ""

    def choice(self, name: str, default: str, *others: str) -> str:
        value = self.text(name, default)
        if value not in (default, *others):
            self.complain(f"{name}: must be one of {', '.join((default, *others))}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
            self.complain(f"{name}: must be true or false")
        return value in ("true", "1", "yes", "on")

    def address(self, name: str, *schemes: str) -> str:
        """A URL with one of the schemes."""
        value = self.required(name)
        try:
            is_good = not value or urlsplit(value).scheme in schemes
        except ValueError:
            is_good = False
        if not is_good:
            self.complain(f"{name}: is not an address that starts with {schemes[0]}://")
        return value if is_good else ""

    def origins(self, name: str, default: str) -> tuple[str, ...]:
        """Comma separated origins: no path, and no `*`, which would open the shop to every page."""
        listed = (part.strip().rstrip("/") for part in self.text(name, default).split(","))
        origins = tuple(origin for origin in listed if origin)
        if not origins or not all(_ORIGIN.fullmatch(origin) for origin in origins):
            self.complain(f"{name}: must list origins such as https://shop.example.com")
        return origins

    def whole(self, name: str, default: int, *, upto: int) -> int:
        """A whole number from 1 to `upto`."""
        return int(self._parsed(name, default, lambda n: n.is_integer() and 1 <= n <= upto))

    def number(self, name: str, default: float, *, upto: float = 86_400) -> float:
        """A number above zero and at most `upto`."""
        return self._parsed(name, default, lambda number: 0 < number <= upto)

    def _parsed(self, name: str, default: float, accept: Callable[[float], bool]) -> float:
        value = self.optional(name)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or not accept(number):
            self.complain(f"{name}: {value!r} is not a number in its range")
            return default
        return number
