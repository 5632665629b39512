"""Which port each part gets: as set, else as last time, else a default or the next free one."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from devstack.errors import DevstackError
from devstack.files import read_json, write_json
from devstack.ports import LOOPBACK, is_taken, listening_error
from devstack.services.object_store import ObjectStore
from devstack.services.postgres import Postgres
from devstack.services.valkey import Valkey
from devstack.supervisor.settings import API, PORT_NAMES, SIMULATOR, RunSettings

DEFAULT_PORTS = {
    API: 8000,
    SIMULATOR: 8100,
    Postgres.name: 8101,
    Valkey.name: 8102,
    ObjectStore.name: 8103,
}
_STEP = 10
_TOO_HIGH = 65536


def plan_ports(settings: RunSettings, memory: Path) -> dict[str, int]:
    """A free port for each part that will listen, remembered in the file `memory`.

    DevstackError when a port that was set is taken, or the API's, which never moves by itself:
    everybody would look for it at the old place.
    """
    remembered = _remembered(memory)
    plan: dict[str, int] = {}
    for part in settings.parts_with_ports:
        if part in settings.set_ports:
            plan[part] = _demand(part, settings.set_ports[part], settings, plan)
        elif part == API:
            plan[part] = _demand(part, DEFAULT_PORTS[part], settings, plan)
    for part in settings.parts_with_ports:
        if part not in plan:
            first = remembered.get(part, DEFAULT_PORTS[part])
            plan[part] = _next_free(first, DEFAULT_PORTS[part], plan)
    moved = {part: port for part, port in plan.items() if part != API}
    write_json(memory, remembered | moved)
    return plan


def _remembered(memory: Path) -> dict[str, int]:
    return {part: port for part, port in read_json(memory).items() if isinstance(port, int)}


def _demand(part: str, port: int, settings: RunSettings, plan: Mapping[str, int]) -> int:
    name = PORT_NAMES[part]
    if port in plan.values():
        raise DevstackError(f"{name}={port} is already meant for another part of the shop")
    error = listening_error(port, settings.host if part == API else LOOPBACK)
    if error is None:
        return port
    if is_taken(error):
        raise DevstackError(f"port {port} is taken; choose another one, such as {name}={port + 1}")
    raise DevstackError(f"cannot listen on port {port} ({name}): {error.strerror}")


def _next_free(first: int, default: int, plan: Mapping[str, int]) -> int:
    for port in chain([first], range(default, _TOO_HIGH, _STEP)):
        if port not in plan.values() and listening_error(port) is None:
            return port
    raise DevstackError("there is no free port on this machine")
