"""Many callers at once: threads, each on a database connection of its own, with real commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any, TypeVar

import pytest
from flask import Flask

from diecast_api import create_app
from diecast_api.config import Settings
from diecast_api.extensions import db

CALLERS = 40
T = TypeVar("T")


@pytest.fixture(scope="module")
def crowded_app(app: Flask, environment: dict[str, str]) -> Iterator[Flask]:
    """The application with a connection for each of many callers."""
    settings = Settings.from_environment(environment)
    crowded = create_app(replace(settings, web_threads=CALLERS))
    yield crowded
    with crowded.app_context():
        db.engine.dispose()


@pytest.fixture
def at_once(crowded_app: Flask, database: None) -> Callable[..., list[Any]]:
    """Call a function with each argument, all at the same moment; returns the results in order."""

    def run(function: Callable[[Any, Any], T], arguments: list[Any]) -> list[T]:
        start = Barrier(len(arguments))

        def call(argument: Any) -> T:
            start.wait()
            return function(crowded_app.test_client(use_cookies=False), argument)

        with ThreadPoolExecutor(len(arguments)) as pool:
            return list(pool.map(call, arguments))

    return run
