"""The README's first paid order, command by command."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.support.live import LiveShop

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_first_paid_order(live_shop: LiveShop) -> None:
    chapter = README.read_text().partition("## The first paid order")[2].partition("\n## ")[0]
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL))
    live_shop.product(name="Tomica Honda City Turbo II", price=55_000)

    shell = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        env={
            **os.environ,
            "API": live_shop.api_url,
            "SIMULATOR": live_shop.simulator.url,
            "no_proxy": "*",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert shell.returncode == 0, shell.stderr
    assert shell.stdout.splitlines()[-1] == "PAID"
