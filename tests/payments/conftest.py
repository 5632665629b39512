"""A till with an order, and Midtrans, quiet and without a memory of earlier tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from diecast_api.clients.midtrans import Midtrans
from diecast_api.config import Settings
from tests.payments.till import PRICE, STOCK, Till
from tests.support.people import Person
from tests.support.simulator import ControlClient, SimulatorProcess

NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def midtrans(simulator: SimulatorProcess) -> Iterator[ControlClient]:
    """The simulator's control; its notifications are brought by `Till.deliver` alone."""
    control = simulator.client
    control.reset()
    control.settings(notification_url=NOWHERE)
    yield control
    control.settings(language="en")
    control.reset()


@pytest.fixture
def make_till(
    client: FlaskClient,
    customer: Person,
    make_product: Callable[..., dict[str, Any]],
    midtrans: ControlClient,
    jobs: Callable[[], int],
) -> Callable[..., Till]:
    """Place an order of one car, of five, at 150 000 rupiah."""

    def make(product: dict[str, Any] | None = None) -> Till:
        product = product or make_product(price=PRICE, stock=STOCK)
        return Till(client, customer, product, midtrans, jobs)

    return make


@pytest.fixture
def till(make_till: Callable[..., Till]) -> Till:
    """An order that waits for its payment."""
    return make_till()


@pytest.fixture
def paying(till: Till) -> Till:
    """An order whose page is open."""
    till.open_page()
    return till


@pytest.fixture
def change_midtrans(app: Flask, environment: dict[str, str]) -> Iterator[Callable[..., Midtrans]]:
    """Have the application speak to Midtrans with other settings, for one test."""
    before = app.extensions["midtrans"]

    def change(**settings: Any) -> Midtrans:
        gateway = Midtrans(replace(Settings.from_environment(environment), **settings))
        app.extensions["midtrans"] = gateway
        return gateway

    yield change
    app.extensions["midtrans"] = before
