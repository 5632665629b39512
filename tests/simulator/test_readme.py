"""Every command of the simulator's README, each on a payment that it suits."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulator.merchant import Merchant
from tests.support.simulator import ControlClient, SimulatorProcess

README = Path(__file__).resolve().parents[2] / "devstack" / "simulator" / "README.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
COMMANDS = [
    "curl " + command for block in BLOCKS for command in re.split(r"^curl ", block, flags=re.M)[1:]
]
PAID_FIRST: dict[str, Callable[[ControlClient], object]] = {
    '"refund"': lambda control: control.happen("ORD-1", "pay", payment_type="gopay"),
    "/notify/": lambda control: control.happen("ORD-1", "pay"),
    '"force": true': lambda control: control.happen("ORD-1", "expire"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_works(
    command: str, simulator: SimulatorProcess, control: ControlClient, merchant: Merchant
) -> None:
    merchant.create("ORD-1")
    for part, prepare in PAID_FIRST.items():
        if part in command:
            prepare(control)
    shell = subprocess.run(
        ["bash", "-c", command.replace("curl -s", "curl -sS --fail-with-body", 1)],
        env={**os.environ, "SIM": f"{simulator.url}/simulator", "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    control.outage("none")
    assert shell.returncode == 0, shell.stdout + shell.stderr


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 10
