"""The simulator's settings: from the environment at the start, some changeable while it runs."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.simulator.errors import NotUnderstoodError

DEFAULT_NOTIFICATION_URL = "http://127.0.0.1:8000/api/v1/webhooks/midtrans"
LANGUAGES = ("en", "id")


@dataclass(frozen=True)
class Settings:
    """How this simulator behaves.

    `retry_scale` shrinks Midtrans's minutes between notification retries: 0.001 turns 2 minutes
    into 0.12 seconds. `notification_timeout` is in seconds. `language` is the account language,
    in which a duplicate order id is refused.
    """

    server_key: str
    data: Path
    port: int = 8100
    public_url: str | None = None
    notification_url: str = DEFAULT_NOTIFICATION_URL
    finish_url: str | None = None
    language: str = "en"
    retry_scale: float = 1.0
    notification_timeout: float = 15.0

    def __post_init__(self) -> None:
        if not self.server_key:
            raise NotUnderstoodError(
                "MIDTRANS_SERVER_KEY is missing: choose any text, and give the shop the same"
            )
        if self.language not in LANGUAGES:
            raise NotUnderstoodError(
                f"language must be one of {', '.join(LANGUAGES)}, not {self.language!r}"
            )
        if self.retry_scale < 0 or self.notification_timeout <= 0:
            raise NotUnderstoodError(
                "retry_scale must not be negative, notification_timeout must be positive"
            )

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read `SIMULATOR_*` and `MIDTRANS_*`; raises `NotUnderstoodError`."""
        return cls(
            server_key=env.get("MIDTRANS_SERVER_KEY", ""),
            data=Path(env.get("SIMULATOR_DATA", ".devstack/simulator")),
            port=int(_number(env, "SIMULATOR_PORT", 8100)),
            public_url=env.get("SIMULATOR_PUBLIC_URL") or None,
            notification_url=env.get("SIMULATOR_NOTIFICATION_URL") or DEFAULT_NOTIFICATION_URL,
            finish_url=env.get("SIMULATOR_FINISH_URL") or None,
            language=env.get("SIMULATOR_LANGUAGE", "en"),
            retry_scale=_number(env, "SIMULATOR_RETRY_SCALE", 1),
            notification_timeout=_number(env, "SIMULATOR_NOTIFICATION_TIMEOUT", 15),
        )


class Options:
    """The settings in force now. Changes last until the process ends."""

    CHANGEABLE = (
        "notification_url",
        "finish_url",
        "language",
        "retry_scale",
        "notification_timeout",
    )

    def __init__(self, settings: Settings) -> None:
        self.now = settings

    def change(self, changes: Mapping[str, Any]) -> None:
        """Replace some of `CHANGEABLE`; raises `NotUnderstoodError` and then changes nothing."""
        unknown = set(changes) - set(self.CHANGEABLE)
        if unknown:
            raise NotUnderstoodError(f"not changeable: {', '.join(sorted(unknown))}")
        for name in ("retry_scale", "notification_timeout"):
            if not isinstance(changes.get(name, 1), int | float):
                raise NotUnderstoodError(f"{name} must be a number")
        self.now = dataclasses.replace(self.now, **changes)

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self.now, name) for name in self.CHANGEABLE}


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "")
    try:
        return float(text) if text else default
    except ValueError:
        raise NotUnderstoodError(f"{name} must be a number, not {text!r}") from None
