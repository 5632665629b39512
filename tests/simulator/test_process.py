"""The process: it stops at once, goes on where it stopped, and says why it cannot start."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from tests.simulator.merchant import Merchant, start_time
from tests.simulator.receiver import Receiver
from tests.support.simulator import ROOT, SimulatorProcess, wait_for


@pytest.fixture
def own(tmp_path: Path, webhook: Receiver) -> Iterator[SimulatorProcess]:
    """A simulator that a test may stop and kill."""
    process = SimulatorProcess(
        tmp_path,
        server_key="SB-Mid-server-own",
        notification_url=webhook.url,
        retry_scale=0.001,
    )
    process.start()
    yield process
    process.stop()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_restart_goes_on_where_it_stopped(
    own: SimulatorProcess, webhook: Receiver, ending: str
) -> None:
    merchant = Merchant(own)
    webhook.first = [503]
    own.client.mischief("PAID", duplicate=0)
    begun = start_time(timedelta(seconds=-57))
    soon = {"start_time": begun, "unit": "minute", "duration": 1}
    merchant.create("EXPIRING", expiry=soon)
    own.client.happen("EXPIRING", "choose", force=True)
    merchant.create("PAID")
    own.client.happen("PAID", "pay")
    token = merchant.create_token("OPEN")["token"]

    getattr(own, ending)()
    own.start()

    assert merchant.status("PAID")["transaction_status"] == "settlement"
    assert own.client.transaction("OPEN")["token"] == token
    assert own.client.transaction("PAID")["mischief"] == {"duplicate": 0}
    expected = {("EXPIRING", "pending"), ("EXPIRING", "expire"), ("PAID", "settlement")}

    def told() -> bool | None:
        bodies = webhook.bodies()
        return expected <= {(b["order_id"], b["transaction_status"]) for b in bodies} or None

    wait_for(told, "what was promised before the restart")


def test_a_retry_survives_a_crash(own: SimulatorProcess, webhook: Receiver) -> None:
    webhook.first = [503]
    own.client.settings(retry_scale=0.03)
    Merchant(own).create("ORD-1")
    own.client.happen("ORD-1", "choose")
    webhook.wait(1)
    own.kill()

    own.start()

    order = own.client.wait_until_told("ORD-1")
    assert order["notifications"][0]["state"] == "delivered"
    assert len(webhook.received) >= 2


def test_it_stops_at_once_although_everything_hangs(
    own: SimulatorProcess, webhook: Receiver
) -> None:
    webhook.delay = 3
    Merchant(own).create("ORD-1")
    own.client.happen("ORD-1", "choose")
    own.client.outage("hang", seconds=600)
    webhook.wait(1)

    def ask() -> None:
        with pytest.raises(requests.exceptions.ConnectionError):
            Merchant(own).status("ORD-1")

    asking = threading.Thread(target=ask)
    asking.start()
    pid = own.pid

    assert own.stop() == 0
    asking.join(timeout=10)
    assert not asking.is_alive()
    assert not Path(f"/proc/{pid}").exists()


def test_every_line_of_its_log_is_json(own: SimulatorProcess, tmp_path: Path) -> None:
    Merchant(own).create("ORD-1")
    own.stop()
    lines = [json.loads(line) for line in (tmp_path / "simulator.log").read_text().splitlines()]
    assert any("/snap/v1/transactions" in line["message"] for line in lines)
    assert "SB-Mid-server-own" not in (tmp_path / "simulator.log").read_text()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"MIDTRANS_SERVER_KEY": ""}, "MIDTRANS_SERVER_KEY is missing"),
        ({"SIMULATOR_PORT": "many"}, "SIMULATOR_PORT must be a number"),
        ({"SIMULATOR_LANGUAGE": "de"}, "language must be one of en, id"),
    ],
)
def test_it_says_in_one_line_why_it_cannot_start(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    env = {
        "MIDTRANS_SERVER_KEY": "SB-Mid-server-own",
        "SIMULATOR_DATA": str(tmp_path),
        "SIMULATOR_PORT": "0",
        "PATH": os.environ["PATH"],
    } | settings
    done = subprocess.run(
        [sys.executable, "-m", "devstack.simulator"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_taken_port_is_said(own: SimulatorProcess, tmp_path: Path) -> None:
    port = own.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "devstack.simulator"],
        cwd=ROOT,
        env=os.environ
        | {
            "MIDTRANS_SERVER_KEY": "k",
            "SIMULATOR_PORT": port,
            "SIMULATOR_DATA": str(tmp_path / "other"),
        },
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot start" in done.stderr
    assert port in done.stderr
