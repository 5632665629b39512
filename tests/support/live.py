"""The whole shop as processes: Gunicorn, a Celery worker, beat and the Midtrans simulator.

On a database, Redis database and bucket of its own, beside the tests that run in their own process.
"""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import requests

from tests.support.people import PASSWORD
from tests.support.simulator import SimulatorProcess

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0
STOP_SECONDS = 10.0
ADDRESS = {
    "full_name": "Budi Kolektor",
    "phone": "0812-3456-7890",
    "address": "Jl. Braga 17",
    "city": "Bandung",
    "province": "Jawa Barat",
    "postal_code": "40111",
}
T = TypeVar("T")
_numbers = itertools.count(1)


def wait_until(found: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Ask again and again until there is an answer that is neither None nor False."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = found()
        if answer is not None and answer is not False:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"never came about: {what}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LiveShop:
    """The processes of one shop; `environment` holds the contract's settings for them."""

    def __init__(
        self, environment: Mapping[str, str], simulator: SimulatorProcess, folder: Path
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/api/v1"
        self.simulator = simulator
        self.owner_email = "owner@example.com"
        self.owner_password = PASSWORD
        self.environment = {
            **environment,
            "PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "WEB_CONCURRENCY": "2",
            "WEB_THREADS": "8",
            "EXPIRY_SWEEP_SECONDS": "1",
            "RECONCILE_SWEEP_SECONDS": "2",
            "OUTBOX_SWEEP_SECONDS": "1",
            "LOG_LEVEL": "INFO",
        }
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._commands = {
            "api": ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
            "worker": ["celery", "--quiet", "-A", "worker.app", "worker", "--concurrency", "2"],
            "beat": [
                "celery", "--quiet", "-A", "worker.app", "beat", "--pidfile=",
                "--schedule", str(folder / "beat-schedule"),
            ],
        }  # fmt: skip

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _open(self) -> None:
        self._run("flask", "--app", "wsgi", "db", "upgrade")
        self._run("flask", "--app", "wsgi", "storage", "init")
        self._run(
            "flask", "--app", "wsgi", "users", "create-owner",
            "--email", self.owner_email, "--full-name", "Ibu Pemilik",
            given=self.owner_password + "\n",
        )  # fmt: skip
        self.simulator.client.settings(notification_url=f"{self.api_url}/webhooks/midtrans")
        for name in self._commands:
            self.start(name)
        wait_until(self._is_ready, "the shop answers /health/ready")

    def __exit__(self, *_: object) -> None:
        for name in list(self._processes):
            self.stop(name)

    def start(self, name: str) -> None:
        """Start `api`, `worker` or `beat`."""
        program, *arguments = self._commands[name]
        with self.log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", program, *arguments],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command(self, name: str) -> list[str]:
        """The command that `start` runs."""
        return self._commands[name]

    def stop(self, name: str, *, how: signal.Signals = signal.SIGTERM) -> None:
        """End a process and all that it started."""
        process = self._processes.pop(name)
        os.killpg(process.pid, how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def pids(self, name: str) -> list[int]:
        """The process and its children."""
        leader = self._processes[name].pid
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        return [leader, *map(int, children)]

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self._folder / f"{name}.log"

    def person(self, email: str | None = None, password: str = PASSWORD) -> Visitor:
        """A new customer who is signed in."""
        visitor = Visitor(self)
        body = {
            "email": email or f"buyer-{os.getpid()}-{next(_numbers)}@example.com",
            "password": password,
            "full_name": "Budi Kolektor",
        }
        visitor.take_token(visitor.post("/auth/register", body, expect=201))
        return visitor

    def owner(self) -> Visitor:
        """The owner, signed in."""
        visitor = Visitor(self)
        body = {"email": self.owner_email, "password": self.owner_password}
        visitor.take_token(visitor.post("/auth/login", body, expect=200))
        return visitor

    def product(self, **fields: Any) -> dict[str, Any]:
        """A new product on sale."""
        body = {"name": "Mini GT Nissan GT-R R34", "price": 150_000, "stock": 10, **fields}
        created: dict[str, Any] = self.owner().post("/products", body, expect=201)
        return created

    def _run(self, program: str, *arguments: str, given: str = "") -> None:
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _is_ready(self) -> bool:
        for name, process in self._processes.items():
            assert process.poll() is None, f"{name} died: {self.log(name).read_text()[-3000:]}"
        try:
            return requests.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except requests.RequestException:
            return False


class Visitor:
    """Somebody at the API, with a connection of their own."""

    def __init__(self, shop: LiveShop) -> None:
        self._shop = shop
        self._http = requests.Session()
        self._http.trust_env = False
        self.access_token = ""
        self.user: dict[str, Any] = {}

    def take_token(self, answer: dict[str, Any]) -> None:
        """Be the person that this sign-in is for."""
        self.access_token = answer["access_token"]
        self.user = answer["user"]
        self._http.headers["Authorization"] = f"Bearer {self.access_token}"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """Send a request to the API."""
        return self._http.request(
            method, self._shop.api_url + path, json=body, timeout=PATIENCE_SECONDS, **options
        )

    def get(self, path: str) -> Any:
        """Read something that is there."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, *, expect: int) -> Any:
        """Post, and get the answer that is expected."""
        answer = self.call("POST", path, body)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    def order(self, product: dict[str, Any], quantity: int = 1) -> dict[str, Any]:
        """Order a product."""
        body = {
            "items": [{"product_id": product["id"], "quantity": quantity}],
            "shipping_address": ADDRESS,
        }
        placed: dict[str, Any] = self.post("/orders", body, expect=201)
        return placed

    def pay(self, order: dict[str, Any], *, restart: bool = False) -> dict[str, Any]:
        """Ask for a payment page."""
        answer = self.call(
            "POST", "/payments/create", {"order_id": order["id"], "restart": restart}
        )
        assert answer.status_code in (200, 201), answer.text
        page: dict[str, Any] = answer.json()
        return page

    def payments(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """Every attempt to pay an order."""
        items: list[dict[str, Any]] = self.get(f"/orders/{order['id']}/payments")["items"]
        return items

    def wait_for_status(self, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """Wait until an order is in one of the statuses, and read it."""

        def arrived() -> dict[str, Any] | None:
            now: dict[str, Any] = self.get(f"/orders/{order['id']}")
            return now if now["status"] in statuses else None

        return wait_until(arrived, f"order {order['number']} becomes {' or '.join(statuses)}")
