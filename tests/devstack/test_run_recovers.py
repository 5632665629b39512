"""What a killed run left behind does not keep the next one from starting."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.devstack.conftest import StartRun
from tests.devstack.shop_run import free_ports

pytestmark = pytest.mark.slow_run


def test_a_start_after_everything_was_killed(start_run: StartRun, data: Path) -> None:
    first = start_run(data).wait_ready()
    accounts = first.ready["accounts"]
    first.kill_everything()
    assert (data / "ready.json").exists(), "a killed run cannot tidy up"
    second = start_run(data).wait_ready()
    assert second.ready["accounts"] == accounts


def test_a_start_after_only_the_supervisor_was_killed(start_run: StartRun, data: Path) -> None:
    ports = free_ports()
    first = start_run(data, **ports).wait_ready()
    worker = first.pids["worker"]
    os.kill(worker, signal.SIGSTOP)  # it does not even notice that its supervisor is gone
    os.kill(first.pids["run"], signal.SIGKILL)
    first.process.wait(10)
    assert any(row.pid == worker for row in first.survivors())
    second = start_run(data, **ports).wait_ready()
    before = {(row.pid, row.started): row.name for row in first.started}
    still_there = {(row.pid, row.started) for row in first.survivors()} & before.keys()
    assert [before[key] for key in still_there] == []
    second.process.terminate()
    second.wait_end()
    second.assert_nothing_left()


def test_a_start_after_a_kill_in_the_very_first_start(start_run: StartRun, new_data: Path) -> None:
    first = start_run(new_data)
    first.wait_for(lambda: (new_data / "postgres.unfinished").exists(), 60)
    time.sleep(0.1)
    first.kill_everything()
    start_run(new_data).wait_ready()
