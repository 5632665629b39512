"""Tells people and programs where the shop is, once all of it runs."""

from dataclasses import asdict, dataclass
from pathlib import Path

from devstack.files import write_json
from devstack.supervisor.accounts import Account
from devstack.supervisor.parts import Parts
from devstack.supervisor.screen import Screen


@dataclass(frozen=True, kw_only=True)
class ReadyShop:
    """A shop that answers. `pids` names its processes, ours as `run`."""

    parts: Parts
    logs: Path
    owner: Account
    customer: Account | None
    pids: dict[str, int]

    def announce(self, screen: Screen, file: Path) -> None:
        """Write `file` (mode 0600, it has passwords) for programs, and a panel for people."""
        write_json(file, self._description())
        screen.panel("The shop is open. Ctrl-C stops it.", self._rows())

    def _storage_url(self) -> str:
        return self.parts.configured("MINIO_PUBLIC_URL") or self.parts.configured("MINIO_ENDPOINT")

    def _description(self) -> dict[str, object]:
        return {
            "api": self.parts.api_url,
            "docs": f"{self.parts.api_url}/docs",
            "simulator": self.parts.simulator_url,
            "storage": self._storage_url(),
            "database_url": self.parts.configured("DATABASE_URL"),
            "redis_url": self.parts.configured("REDIS_URL"),
            "accounts": {
                "owner": asdict(self.owner),
                "customer": asdict(self.customer) if self.customer else None,
            },
            "pids": self.pids,
        }

    def _rows(self) -> list[tuple[str, str]]:
        api, simulator = self.parts.api_url, self.parts.simulator_url
        rows = [
            ("Shop API", f"{api}/api/v1"),
            ("Swagger UI", f"{api}/docs"),
            ("ReDoc", f"{api}/redoc"),
            ("Midtrans", f"{simulator} (simulator)" if simulator else "its servers, your keys"),
            ("Object store", self._storage_url()),
            ("Owner", f"{self.owner.email}  password {self.owner.password}"),
        ]
        if self.customer is not None:
            rows.append(("Customer", f"{self.customer.email}  password {self.customer.password}"))
        return [*rows, ("Logs", str(self.logs))]
