"""However a run is told to stop, it stops in time and leaves nothing behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from devstack import process_table
from tests.devstack.conftest import StartRun

pytestmark = pytest.mark.slow_run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("receiver", ["make", "supervisor", "terminal"])
def test_a_signal_stops_everything(
    start_run: StartRun, data: Path, number: signal.Signals, receiver: str
) -> None:
    run = start_run(data).wait_ready()
    if receiver == "make":
        run.process.send_signal(number)
    elif receiver == "supervisor":
        os.kill(run.pids["run"], number)
    else:
        os.killpg(run.process.pid, number)
    run.wait_end()
    run.assert_nothing_left()


@pytest.mark.parametrize("part", ["api", "worker", "postgres"])
def test_a_part_that_hangs_is_ended_too(start_run: StartRun, data: Path, part: str) -> None:
    run = start_run(data).wait_ready()
    table = process_table.rows()
    for pid in (run.pids[part], *(row.pid for row in process_table.below({run.pids[part]}, table))):
        os.kill(pid, signal.SIGSTOP)
    run.process.send_signal(signal.SIGINT)
    run.wait_end()
    run.assert_nothing_left()


def test_a_second_interrupt_ends_everything_at_once(start_run: StartRun, data: Path) -> None:
    run = start_run(data).wait_ready()
    supervisor = run.pids["run"]
    hung = run.pids["worker"]
    os.kill(supervisor, signal.SIGINT)
    os.kill(hung, signal.SIGSTOP)
    time.sleep(1.2)
    if run.process.poll() is None:
        os.kill(supervisor, signal.SIGINT)
    run.wait_end()
    run.assert_nothing_left()


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.5, 3.0])
def test_a_signal_while_it_starts(start_run: StartRun, data: Path, seconds: float) -> None:
    run = start_run(data)
    run.wait_for(lambda: "Diecast shop" in run.output, 60)
    time.sleep(seconds)
    run.notice_processes()
    run.process.send_signal(signal.SIGINT)
    run.wait_end()
    run.assert_nothing_left()


def test_the_death_of_make_stops_everything(start_run: StartRun, data: Path) -> None:
    run = start_run(data).wait_ready()
    run.process.kill()
    run.process.wait()
    deadline = time.monotonic() + 10
    while run.survivors() and time.monotonic() < deadline:
        time.sleep(0.1)
    run.assert_nothing_left()
