"""What the Makefile says when it cannot make `.venv`, and what it offers."""

import re
import stat
import subprocess
from pathlib import Path

import pytest

from devstack.processes import PROJECT

INSTALL = PROJECT / "devstack" / "install.sh"


def find_python(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the installer where only the programs in `path` exist."""
    return subprocess.run(
        ["/bin/sh", str(INSTALL)], env={"PATH": str(path)}, capture_output=True, text=True
    )


def fake_python(folder: Path, name: str, exit_code: int) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    program.chmod(stat.S_IRWXU)


def test_no_python_at_all(tmp_path: Path) -> None:
    result = find_python(tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("Python 3.11 or newer is needed")
    assert result.stderr.count("\n") == 1


def test_an_old_python_only(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", exit_code=1)
    assert find_python(tmp_path).stderr.startswith("Python 3.11 or newer is needed")


def test_a_python_without_venv(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", exit_code=1)
    fake_python(tmp_path, "python3.12", exit_code=2)
    result = find_python(tmp_path)
    assert result.returncode == 1
    assert "apt install python3.12-venv" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["make"], ["make", "help"]])
def test_help_lists_every_target(command: list[str]) -> None:
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert {"run", "test", "lint", "help"} <= targets
    for target in targets:
        assert re.search(rf"^make {target} +\w", said, re.MULTILINE), target
