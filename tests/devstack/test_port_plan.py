"""Which ports the parts of a run get."""

import socket
from pathlib import Path

import pytest

from devstack.errors import DevstackError
from devstack.ports import LOOPBACK, free_port
from devstack.supervisor.port_plan import plan_ports
from devstack.supervisor.settings import PORT_NAMES, RunSettings


def plan(memory: Path, **environment: str) -> dict[str, int]:
    return plan_ports(RunSettings.from_environment(environment), memory)


def test_a_port_is_remembered_and_left_when_it_is_taken(tmp_path: Path) -> None:
    memory = tmp_path / "ports.json"
    api = str(free_port())
    first = plan(memory, PORT=api)
    assert set(first) == set(PORT_NAMES)
    assert len(set(first.values())) == len(first)
    assert plan(memory, PORT=api) == first
    with socket.create_server((LOOPBACK, first["redis"])):
        second = plan(memory, PORT=api)
    assert second["redis"] != first["redis"]
    assert plan(memory, PORT=api) == second, "the new place is remembered, too"


def test_parts_that_do_not_run_need_no_port(tmp_path: Path) -> None:
    own = {"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "MINIO_ENDPOINT": "h:9"}
    ports = plan(tmp_path / "ports.json", PORT=str(free_port()), MIDTRANS_SERVER_KEY="k", **own)
    assert set(ports) == {"api"}


def test_an_empty_address_is_none(tmp_path: Path) -> None:
    ports = plan(tmp_path / "ports.json", PORT=str(free_port()), DATABASE_URL="", REDIS_URL=" ")
    assert {"postgres", "redis"} <= set(ports)


def test_a_port_cannot_be_set_twice(tmp_path: Path) -> None:
    port = str(free_port())
    with pytest.raises(DevstackError, match=f"REDIS_PORT={port} is already meant for another"):
        plan(tmp_path / "ports.json", PORT=port, REDIS_PORT=port)


def test_a_default_gives_way_to_a_port_that_was_set(tmp_path: Path) -> None:
    first = plan(tmp_path / "ports.json", PORT=str(free_port()))
    second = plan(tmp_path / "ports.json", PORT=str(first["simulator"]))
    assert second["api"] == first["simulator"] != second["simulator"]
