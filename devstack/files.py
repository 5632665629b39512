"""Files that only their owner may read: secrets, accounts, addresses with passwords in them."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from devstack.errors import DevstackError


def write_private(path: Path, content: str) -> None:
    """Replace `path` in one step by a file of mode 0600, so that no reader sees half of it."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    fresh.replace(path)


def read_json(path: Path) -> dict[str, object]:
    """The JSON object in `path`, an empty one when there is no such file.

    DevstackError when it cannot be read: what it remembers must not be made anew by accident.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DevstackError(f"{path} cannot be read: {error}") from error
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: object) -> None:
    """Like `write_private`, as JSON that a person can read."""
    write_private(path, json.dumps(content, indent=2) + "\n")


def keep_secrets(path: Path, names: Iterable[str]) -> dict[str, str]:
    """A random secret of 40 hexadecimal digits for each name, the same ones at every call."""
    kept = {name: value for name, value in read_json(path).items() if isinstance(value, str)}
    missing = [name for name in names if name not in kept]
    if missing:
        kept |= {name: secrets.token_hex(20) for name in missing}
        write_json(path, kept)
    return kept
