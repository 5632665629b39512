"""Runs of the whole shop for the tests of this folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.devstack.shop_run import ShopRun, end

StartRun = Callable[..., ShopRun]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a shop that was opened and closed once."""
    folder = tmp_path_factory.mktemp("prepared")
    run = ShopRun(folder / "data", output=folder / "output")
    try:
        run.wait_ready()
    finally:
        end(run)
    return folder / "data"


@pytest.fixture
def new_data(tmp_path: Path) -> Path:
    """Where a first run will keep its data; the space is there to be stumbled over."""
    return tmp_path / "shop data"


@pytest.fixture
def data(new_data: Path, prepared: Path) -> Path:
    """A copy of `prepared`, which opens sooner."""
    shutil.copytree(prepared, new_data)
    return new_data


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[StartRun]:
    """`start_run(data, PORT="8001")` starts `make run`; each run ends with the test."""
    runs: list[ShopRun] = []

    def start(data: Path, **environment: str) -> ShopRun:
        output = tmp_path / f"run-{len(runs)}.output"
        runs.append(ShopRun(data, output=output, environment=environment))
        return runs[-1]

    yield start
    for run in runs:
        end(run)
