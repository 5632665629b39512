"""Passwords: which are taken, and how they are kept.

Kept by Argon2id with the second of the parameter sets that OWASP's Password Storage Cheat Sheet
recommends (19 MiB, 2 passes, 1 lane): 20 to 40 ms of one core for each sign-in.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

MIN_LENGTH = 8
MAX_LENGTH = 128

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_hash_of_nothing = _hasher.hash("")


def hashed(password: str) -> str:
    """The hash under which a password is kept, with its salt and parameters."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed.

    None, for an account that does not exist, takes the same time and never matches: how long an
    answer takes does not tell which addresses have an account.
    """
    try:
        _hasher.verify(password_hash or _hash_of_nothing, password)
    except VerifyMismatchError:
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def is_common(password: str) -> bool:
    """Whether the password, in any case, is among the 3 000 most common."""
    return password.lower() in _common_passwords()


@cache
def _common_passwords() -> frozenset[str]:
    lines = files(__package__).joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
