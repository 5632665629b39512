"""What goes wrong is said in one clear line, and nothing is left running."""

import os
import signal
import socket
from pathlib import Path

import pytest

from devstack.ports import LOOPBACK
from devstack.supervisor.settings import PORT_NAMES
from tests.devstack.conftest import StartRun
from tests.devstack.shop_run import ShopRun

pytestmark = pytest.mark.slow_run


def complaint(run: ShopRun) -> str:
    """The line in which a failed run says what is wrong."""
    assert run.wait_end(60) != 0
    run.assert_nothing_left()
    lines = [line for line in run.output.splitlines() if line.startswith("make run: ")]
    assert len(lines) == 1, run.output
    return lines[0]


@pytest.mark.parametrize("part", ["worker", "simulator", "redis"])
def test_a_part_that_dies_ends_the_run(start_run: StartRun, data: Path, part: str) -> None:
    run = start_run(data).wait_ready()
    os.kill(run.pids[part], signal.SIGKILL)
    assert f"make run: {part} ended unexpectedly (killed by SIGKILL)" in complaint(run)
    log = (run.data / "logs" / f"{part}.log").read_text().splitlines()
    assert log
    assert any(f"  | {line}" in run.output for line in log)


@pytest.mark.parametrize("name", PORT_NAMES.values())
def test_a_taken_port(start_run: StartRun, new_data: Path, name: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in complaint(start_run(new_data, **{name: str(port)}))


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "80.5", "٣"])
def test_a_port_that_is_none(start_run: StartRun, new_data: Path, value: str) -> None:
    message = complaint(start_run(new_data, PORT=value))
    assert "PORT must be a number from 1 to 65535" in message
    assert repr(value) in message


def test_a_demo_setting_that_means_nothing(start_run: StartRun, new_data: Path) -> None:
    assert "DEMO_SHOP must be `on` or `off`" in complaint(start_run(new_data, DEMO_SHOP="maybe"))


def test_a_second_run_in_one_folder(start_run: StartRun, data: Path) -> None:
    first = start_run(data).wait_ready()
    second = start_run(data)
    assert second.wait_end(60) != 0
    assert f"another `make run` (process {first.pids['run']}) uses {first.data}" in second.output
    assert first.process.poll() is None
    assert len(first.ready["pids"]) == 8


def test_a_data_folder_that_cannot_be_made(start_run: StartRun, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = complaint(start_run(tmp_path / "file" / "data"))
    assert "choose another one by DIECAST_DATA_DIR" in message


def test_a_database_that_is_away(start_run: StartRun, new_data: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as closed:
        port = closed.getsockname()[1]
    run = start_run(new_data, DATABASE_URL=f"postgresql://x:y@{LOOPBACK}:{port}/shop")
    assert "tables failed" in complaint(run)
