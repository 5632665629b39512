"""What a person can set for `make run`, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import DevstackError
from devstack.ports import LOOPBACK
from devstack.processes import PROJECT
from devstack.services import KINDS
from devstack.services.object_store import ObjectStore
from devstack.services.postgres import Postgres
from devstack.services.valkey import Valkey

API = "api"
SIMULATOR = "simulator"

PORT_NAMES = {
    API: "PORT",
    SIMULATOR: "SIMULATOR_PORT",
    Postgres.name: "POSTGRES_PORT",
    Valkey.name: "REDIS_PORT",
    ObjectStore.name: "MINIO_PORT",
}
_ADDRESS_NAMES = {
    Postgres.name: "DATABASE_URL",
    Valkey.name: "REDIS_URL",
    ObjectStore.name: "MINIO_ENDPOINT",
}
_EVERY_ADDRESS = ("0.0.0.0", "::")


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """`set_ports` holds only what the person chose; `services` those that we have to start."""

    data: Path
    host: str
    set_ports: Mapping[str, int]
    services: tuple[str, ...]
    has_simulator: bool
    has_demo: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "RunSettings":
        """An empty value is as good as none. DevstackError for a value that makes no sense."""
        given = {name: value for name, value in environment.items() if value.strip()}
        return cls(
            data=PROJECT / Path(given.get("DIECAST_DATA_DIR", ".devstack")).expanduser(),
            host=given.get("BIND_HOST", LOOPBACK),
            set_ports={
                part: _port(name, given[name]) for part, name in PORT_NAMES.items() if name in given
            },
            services=tuple(name for name in KINDS if _ADDRESS_NAMES[name] not in given),
            has_simulator="MIDTRANS_SERVER_KEY" not in given,
            has_demo=_is_on("DEMO_SHOP", given.get("DEMO_SHOP", "on")),
        )

    @property
    def parts_with_ports(self) -> tuple[str, ...]:
        """What will listen, the API first."""
        return (API, *((SIMULATOR,) if self.has_simulator else ()), *self.services)

    @property
    def api_host(self) -> str:
        """The address at which this machine reaches the API."""
        return LOOPBACK if self.host in _EVERY_ADDRESS else self.host


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise DevstackError(f"{name} must be a number from 1 to 65535, not {value!r}")
    return int(value)


def _is_on(name: str, value: str) -> bool:
    if value.lower() not in ("on", "off"):
        raise DevstackError(f"{name} must be `on` or `off`, not {value!r}")
    return value.lower() == "on"
