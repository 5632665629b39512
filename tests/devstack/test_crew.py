"""Nothing that a member of the crew has started outlives the crew."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack import process_table
from devstack.processes import PROJECT

pytestmark = pytest.mark.skipif(not process_table.IS_SUPPORTED, reason="orphans are Linux's")

# A crew lives in a process of its own: it adopts orphans and takes over signals for good.
HIRE = """
import sys, time
from pathlib import Path
from devstack.processes import Process
from devstack.supervisor.crew import Crew
from devstack.supervisor.process_record import ProcessRecord
from devstack.supervisor.stop_signals import StopRequested, StopSignals

folder = Path(sys.argv[1])
crew = Crew(StopSignals(), ProcessRecord(folder / "processes.json"))
"""
ONE_MEMBER = """
crew.start(Process("member", ["/bin/sh", "-c", sys.argv[2]], log=folder / "member.log"))
try:
    while True:
        crew.check()
        time.sleep(0.05)
except StopRequested:
    crew.stop([], seconds=2)
"""
STEPS = """
crew.run([
    Process(f"step {number}", ["/bin/sh", "-c", body], log=folder / f"step-{number}.log")
    for number, body in enumerate(sys.argv[2:])
])
"""
STUBBORN = "trap '' TERM INT HUP; while :; do sleep 1; done"
BODIES = {
    "one that refuses to end": STUBBORN,
    "daemons in sessions of their own": "(setsid sleep 98765 & setsid sleep 98765 &) ; sleep 98765",
    "a stubborn daemon": f'(setsid sh -c "{STUBBORN}" &) ; sleep 98765',
    "one that is suspended": "sleep 98765 & kill -STOP $$",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_stopping_ends(body: str, tmp_path: Path) -> None:
    crew = subprocess.Popen(
        [sys.executable, "-c", HIRE + ONE_MEMBER, str(tmp_path), body], cwd=PROJECT
    )
    try:
        member_log = tmp_path / "member.log"
        deadline = time.monotonic() + 20
        while not member_log.exists() or len(below(crew.pid)) < 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)
        started = below(crew.pid)
        crew.send_signal(signal.SIGTERM)
        assert crew.wait(10) == 0
        assert started
        assert [row for row in started if is_there(row)] == []
        assert not (tmp_path / "processes.json").exists()
    finally:
        crew.kill()
        crew.wait()


@pytest.mark.parametrize(
    ("bodies", "complaint"),
    [
        (["sleep 0.3", "true"], None),
        (["sleep 0.5", "echo why; exit 3"], "step 1 failed (exit code 3)"),
        (["kill -KILL $$", "sleep 98765"], "step 0 failed (killed by SIGKILL)"),
    ],
)
def test_steps_succeed_or_say_why_not(
    bodies: list[str], complaint: str | None, tmp_path: Path
) -> None:
    crew = subprocess.run(
        [sys.executable, "-c", HIRE + STEPS, str(tmp_path), *bodies],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (crew.returncode == 0) is (complaint is None)
    assert (complaint or "") in crew.stderr


def below(pid: int) -> list[process_table.Row]:
    return process_table.below({pid}, process_table.rows())


def is_there(row: process_table.Row) -> bool:
    now = process_table.read(row.pid)
    return now is not None and now.is_alive and now.started == row.started
