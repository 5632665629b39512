"""The simulator as a process of its own, the shop's side of it, and a webhook."""

from collections.abc import Iterator

import pytest

from tests.simulator.merchant import Merchant
from tests.simulator.receiver import Receiver
from tests.support.simulator import ControlClient, SimulatorProcess

# The key of Midtrans's own published signature example.
SERVER_KEY = "SB-Mid-server-test"
RETRY_SCALE = 0.00003  # Midtrans's minutes last 1.8 ms


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """One process for all tests of this folder."""
    folder = tmp_path_factory.mktemp("simulator")
    with SimulatorProcess(folder, server_key=SERVER_KEY, retry_scale=RETRY_SCALE) as process:
        yield process


@pytest.fixture
def webhook() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def control(simulator: SimulatorProcess, webhook: Receiver) -> Iterator[ControlClient]:
    """An empty simulator that tells `webhook`."""
    client = simulator.client
    client.reset()
    client.settings(
        notification_url=webhook.url,
        finish_url=None,
        language="en",
        retry_scale=RETRY_SCALE,
        notification_timeout=15,
    )
    yield client
    client.reset()


@pytest.fixture
def merchant(simulator: SimulatorProcess, control: ControlClient) -> Merchant:
    return Merchant(simulator)
