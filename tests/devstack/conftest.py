"""Runs of the whole shop for the tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.devstack.shop_run import ShopRun, end

StartRun = Callable[..., ShopRun]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a run keeps its data; the space is there to be stumbled over."""
    return tmp_path / "shop data"


@pytest.fixture
def start_run(data: Path, tmp_path: Path) -> Iterator[StartRun]:
    """`start_run(PORT="8001")` starts `make run` on `data`; each run ends with the test."""
    runs: list[ShopRun] = []

    def start(folder: Path = data, **environment: str) -> ShopRun:
        output = tmp_path / f"run-{len(runs)}.output"
        runs.append(ShopRun(folder, output=output, environment=environment))
        return runs[-1]

    yield start
    for run in runs:
        end(run)
