"""The programs of the shop: how each is started, and with which configuration."""

import os
import sys
from collections.abc import Mapping

from devstack.ports import LOOPBACK
from devstack.processes import Process
from devstack.supervisor.accounts import Account
from devstack.supervisor.data_folder import DataFolder
from devstack.supervisor.settings import API, SIMULATOR, RunSettings

WORKER = "worker"
BEAT = "beat"
_WORKER_PROCESSES = 2


class Parts:
    """Makes the processes of one run, none of them started."""

    def __init__(
        self,
        settings: RunSettings,
        folder: DataFolder,
        *,
        ports: Mapping[str, int],
        services: Mapping[str, str],
    ) -> None:
        """`services` is the configuration of those servers that we run ourselves."""
        self._folder = folder
        self._ports = ports
        self.api_url = f"http://{_bracketed(settings.api_host)}:{ports[API]}"
        self.simulator_url = (
            f"http://{LOOPBACK}:{ports[SIMULATOR]}" if settings.has_simulator else None
        )
        secrets = folder.secrets()
        self.environment = {
            "JWT_SECRET_KEY": os.environ.get("JWT_SECRET_KEY") or secrets["jwt"],
            "PORT": str(ports[API]),
            "BIND_HOST": settings.host,
            "NO_PROXY": _no_proxy("NO_PROXY"),
            "no_proxy": _no_proxy("no_proxy"),
            **services,
        }
        if self.simulator_url is not None:
            self.environment |= {
                "MIDTRANS_SERVER_KEY": f"SB-Mid-server-{secrets['midtrans_server']}",
                "MIDTRANS_CLIENT_KEY": f"SB-Mid-client-{secrets['midtrans_client']}",
                "MIDTRANS_IS_PRODUCTION": "false",
                "MIDTRANS_SNAP_BASE_URL": f"{self.simulator_url}/snap/v1",
                "MIDTRANS_CORE_BASE_URL": self.simulator_url,
            }

    def configured(self, name: str) -> str:
        """A value of the shop's configuration, ours or the person's own; empty when not set."""
        return self.environment.get(name) or os.environ.get(name, "")

    def simulator(self) -> Process:
        return self._python(
            SIMULATOR,
            "devstack.simulator",
            environment={
                "SIMULATOR_PORT": str(self._ports[SIMULATOR]),
                "SIMULATOR_DATA": str(self._folder.simulator),
                "SIMULATOR_NOTIFICATION_URL": f"{self.api_url}/api/v1/webhooks/midtrans",
            },
        )

    def migrations(self) -> Process:
        return self._flask("tables", "db", "upgrade")

    def bucket(self) -> Process:
        return self._flask("bucket", "storage", "init")

    def owner(self, account: Account) -> Process:
        return self._flask(
            "owner",
            *("users", "create-owner", "--email", account.email, "--full-name", "Shop Owner"),
            standard_input=account.password + "\n",
        )

    def api(self) -> Process:
        return self._python(
            API,
            *("gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"),
            environment={"PROMETHEUS_MULTIPROC_DIR": str(self._folder.metrics)},
        )

    def worker(self) -> Process:
        return self._python(
            WORKER,
            *("celery", "--quiet", "-A", "worker.app"),
            *("worker", f"--concurrency={_WORKER_PROCESSES}"),
            # It is alone: it need not wait a second for others to say hello.
            *("--without-gossip", "--without-mingle"),
        )

    def beat(self) -> Process:
        schedule = f"--schedule={self._folder.beat_schedule}"
        return self._python(BEAT, "celery", "--quiet", "-A", "worker.app", "beat", schedule)

    def demo(self, owner: Account) -> Process:
        return self._python(
            "demo",
            "devstack.demo",
            environment={
                "SHOP_API": self.api_url,
                "OWNER_EMAIL": owner.email,
                "OWNER_PASSWORD": owner.password,
            },
        )

    def _flask(self, name: str, *arguments: str, standard_input: str | None = None) -> Process:
        return self._python(
            name, "flask", "--app", "wsgi", *arguments, standard_input=standard_input
        )

    def _python(
        self,
        name: str,
        module: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        standard_input: str | None = None,
    ) -> Process:
        return Process(
            name,
            [sys.executable, "-m", module, *arguments],
            log=self._folder.logs / f"{name}.log",
            environment=self.environment | {"PYTHONUNBUFFERED": "1"} | dict(environment or {}),
            standard_input=standard_input,
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _no_proxy(name: str) -> str:
    """The person's own exceptions, and our loopback addresses."""
    return ",".join(filter(None, [os.environ.get(name), LOOPBACK, "localhost"]))
