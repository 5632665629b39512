"""The shop as processes, for every test that asks for it; started once for each xdist worker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.support.databases import create_database
from tests.support.live import LiveShop
from tests.support.simulator import SimulatorProcess

REDIS_DATABASES_FOR_TESTS = 8


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what needs the processes on one xdist worker, so that they are started once."""
    for item in items:
        if "live_shop" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("live"))


@pytest.fixture(scope="session")
def live_shop(
    environment: dict[str, str], worker_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveShop]:
    """Gunicorn, worker, beat and a simulator of their own."""
    database = f"live_{worker_name}"
    create_database(os.environ["TEST_DATABASE_URL"], database)
    server, _, number = environment["REDIS_URL"].rpartition("/")
    folder = tmp_path_factory.mktemp("live")
    with SimulatorProcess(
        folder / "simulator", server_key=environment["MIDTRANS_SERVER_KEY"], retry_scale=0.01
    ) as simulator:
        settings = {
            **environment,
            "DATABASE_URL": environment["DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}",
            "REDIS_URL": f"{server}/{int(number) + REDIS_DATABASES_FOR_TESTS}",
            "MINIO_BUCKET": f"live-{worker_name}",
            "MIDTRANS_SNAP_BASE_URL": simulator.snap_base_url,
            "MIDTRANS_CORE_BASE_URL": simulator.core_base_url,
            "MIDTRANS_TIMEOUT_SECONDS": "2",
        }
        with LiveShop(settings, simulator, folder) as shop:
            yield shop


@pytest.fixture(scope="session")
def live_database(live_shop: LiveShop) -> Iterator[sa.Engine]:
    """The live shop's database, to look into and to set the scene."""
    url = live_shop.environment["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()
