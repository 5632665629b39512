"""A newcomer without root rights, and a fresh copy of the project."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.processes import PROJECT
from tests.devstack.shop_run import MAKE_RUN, ShopRun, end

pytestmark = [
    pytest.mark.slow_run,
    pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran without root rights already"),
]

NOBODY = 65534
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"  # root's own programs may be closed to others
INSTALL_SECONDS = 900


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of nobody's, outside of those of root's that are closed."""
    folder = Path(tempfile.mkdtemp(prefix="diecast newcomer "))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def project(home: Path) -> Path:
    """A fresh copy of what git knows and what it would add, owned by nobody."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    copy = home / "diecast api"
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, copy / name)
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return copy


def test_a_newcomer_opens_the_shop(project: Path, home: Path, tmp_path: Path) -> None:
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    run = ShopRun(
        project / ".devstack",
        output=tmp_path / "output",
        project=project,
        command=(*become, *MAKE_RUN),
        environment={"HOME": str(home), "PATH": SYSTEM_PATH},
    )
    try:
        run.wait_ready(seconds=INSTALL_SECONDS)
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in run.pids.values()}
        assert owners == {NOBODY}
        assert (project / ".venv" / "bin" / "python").exists()
        run.process.terminate()
        run.wait_end()
        run.assert_nothing_left()
    finally:
        end(run)
