"""Start the Midtrans simulator as a process of its own, and drive it over HTTP.

simulator = SimulatorProcess(tmp_path, server_key="SB-Mid-server-test")
simulator.start()
simulator.client.settings(notification_url="http://127.0.0.1:8000/api/v1/webhooks/midtrans")
… the shop creates a payment with MIDTRANS_SNAP_BASE_URL=simulator.snap_base_url …
simulator.client.happen("ORD-1-1", "pay", payment_type="bank_transfer", bank="bca")
simulator.stop()
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
T = TypeVar("T")


class SimulatorError(AssertionError):
    """The simulator did not start, refused a control call, or something never came about."""


class ControlClient:
    """The control API under `/simulator`; every method answers with its decoded JSON."""

    def __init__(self, url: str) -> None:
        self._url = url

    def health(self) -> dict[str, Any]:
        return self._call("GET", "/health")

    def transactions(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self._call("GET", "/transactions")["transactions"]
        return listed

    def transaction(self, order_id: str) -> dict[str, Any]:
        """Session, attempts, mischief and notifications of one Midtrans order id."""
        return self._call("GET", f"/transactions/{order_id}")

    def happen(self, order_id: str, event: str, **how: Any) -> dict[str, Any]:
        """Let a customer or a bank do something: `happen(order_id, "pay", bank="bca")`."""
        return self._call("POST", f"/transactions/{order_id}/events", {"event": event, **how})

    def mischief(self, order_id: str, **kinds: Any) -> dict[str, Any]:
        """Replace the mischief of an order: `mischief(order_id, duplicate=3, lose=1)`."""
        return self._call("PUT", f"/transactions/{order_id}/mischief", kinds)

    def no_mischief(self, order_id: str) -> None:
        self._call("DELETE", f"/transactions/{order_id}/mischief")

    def script(self, id_: str, **answers: Any) -> dict[str, Any]:
        """Script the Core API: `script(order_id, status={...}, cancel="412", also=[tx_id])`."""
        return self._call("PUT", f"/answers/{id_}", answers)

    def no_script(self, id_: str) -> None:
        self._call("DELETE", f"/answers/{id_}")

    def outage(self, mode: str, **how: Any) -> dict[str, Any]:
        """`outage("hang", paths="core")`; `outage("none")` ends it."""
        return self._call("PUT", "/outage", {"mode": mode, **how})

    def settings(self, **changes: Any) -> dict[str, Any]:
        return self._call("PUT", "/settings", changes)

    def notify(self, order_id: str) -> dict[str, Any]:
        """Send the last notification of an order again."""
        return self._call("POST", f"/notify/{order_id}")

    def test_notification(self) -> str:
        """Press the dashboard's test button; returns the made-up order id."""
        return str(self._call("POST", "/test-notification")["order_id"])

    def reset(self) -> None:
        self._call("POST", "/reset")

    def notifications(self, order_id: str, state: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.transaction(order_id)["notifications"]
        return [n for n in found if state is None or n["state"] == state]

    def wait_until_told(self, order_id: str) -> dict[str, Any]:
        """Wait until no notification of this order is on its way; returns all that is known."""

        def told() -> dict[str, Any] | None:
            order = self.transaction(order_id)
            waiting = any(n["state"] == "waiting" for n in order["notifications"])
            return None if waiting else order

        return wait_for(told, f"the notifications of {order_id}")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with requests.Session() as http:
            http.trust_env = False
            answer = http.request(
                method, f"{self._url}/simulator{path}", json=body, timeout=PATIENCE
            )
        if answer.status_code >= 400:
            raise SimulatorError(f"{method} {path} → {answer.status_code}: {answer.text}")
        decoded: dict[str, Any] = answer.json() if answer.content else {}
        return decoded


class SimulatorProcess:
    """One simulator process; its memory in `folder` outlives it. Use as a context manager or not.

    Further keyword arguments become `SIMULATOR_*` variables: `retry_scale=0.001`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        server_key: str,
        port: int = 0,
        **settings: object,
    ) -> None:
        self.server_key = server_key
        self._folder = folder
        self._log = folder / "simulator.log"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._env = {
            "MIDTRANS_SERVER_KEY": server_key,
            "SIMULATOR_DATA": str(folder),
            **{f"SIMULATOR_{name.upper()}": str(value) for name, value in settings.items()},
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def snap_base_url(self) -> str:
        """For `MIDTRANS_SNAP_BASE_URL`."""
        return f"{self.url}/snap/v1"

    @property
    def core_base_url(self) -> str:
        """For `MIDTRANS_CORE_BASE_URL`."""
        return self.url

    @property
    def client(self) -> ControlClient:
        return ControlClient(self.url)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise SimulatorError("the simulator is not running")
        return self._process.pid

    def start(self) -> Self:
        """Start and wait until it serves. A free port is taken first, and kept over restarts."""
        self._folder.mkdir(parents=True, exist_ok=True)
        env = os.environ | self._env | {"SIMULATOR_PORT": str(self._port)}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "devstack.simulator"],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        url = wait_for(self._announced_url, "the simulator to start")
        self._port = int(url.rpartition(":")[2])
        return self

    def stop(self) -> int:
        """End it with SIGTERM; returns its exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._ended()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._ended()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _ended(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def _announced_url(self) -> str | None:
        if self._process is not None and self._process.poll() is not None:
            self._process = None
            raise SimulatorError(f"the simulator ended: {self._log.read_text()}")
        for line in self._log.read_text().splitlines(keepends=True):
            if line.endswith("\n") and " ready at " in line:
                return str(json.loads(line)["message"]).rpartition(" ")[2]
        return None


def wait_for(look: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """Look again and again until something is there; raises `SimulatorError` in the end."""
    deadline = time.monotonic() + patience
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise SimulatorError(f"waited {patience} s in vain for {what}")
        time.sleep(0.02)
    return found
