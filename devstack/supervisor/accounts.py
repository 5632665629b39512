"""The owner and the customer of the demo shop, with passwords made at random."""

import secrets
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

from devstack.errors import DevstackError
from devstack.files import read_json, write_json
from devstack.supervisor.json_client import JsonClient

_OWNER_EMAIL = "owner@diecast.example.com"
_CUSTOMER_EMAIL = "collector@diecast.example.com"
_CUSTOMER_NAME = "Sari Kolektor"


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    email: str
    password: str


class Accounts:
    """The accounts on record in the data folder, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def owner(self) -> Account:
        """The owner's account; the shop may not know it yet, see `is_owner`."""
        return self._on_record("owner") or self._record("owner", _OWNER_EMAIL)

    def is_owner(self, shop: JsonClient, account: Account) -> bool:
        """Whether the account can sign in to `shop`, and is of its staff."""
        try:
            answer = shop.post("/api/v1/auth/login", asdict(account))
        except OSError:
            return False
        match answer.body.get("user"):
            case {"is_admin": True}:
                return answer.status == HTTPStatus.OK
        return False

    def customer(self, shop: JsonClient) -> Account:
        """A customer's account that works in `shop`; registered when it is not there yet.

        DevstackError when the shop does not let anybody register.
        """
        account = self._on_record("customer") or self._record("customer", _CUSTOMER_EMAIL)
        if _can_use(shop, account):
            return account
        # Somebody has that address and another password: the database outlived our data folder.
        local, _, domain = _CUSTOMER_EMAIL.partition("@")
        account = self._record("customer", f"{local}-{secrets.token_hex(4)}@{domain}")
        if not _can_use(shop, account):
            raise DevstackError(f"{account.email} was registered and cannot sign in")
        return account

    def _on_record(self, role: str) -> Account | None:
        match read_json(self._path).get(role):
            case {"email": str(email), "password": str(password)}:
                return Account(email, password)
        return None

    def _record(self, role: str, email: str) -> Account:
        account = Account(email, secrets.token_urlsafe(12))
        write_json(self._path, read_json(self._path) | {role: asdict(account)})
        return account


def _can_use(shop: JsonClient, account: Account) -> bool:
    """Register the account, or sign in where it exists."""
    person = asdict(account) | {"full_name": _CUSTOMER_NAME}
    try:
        registered = shop.post("/api/v1/auth/register", person)
        if registered.status == HTTPStatus.CONFLICT:
            return shop.post("/api/v1/auth/login", asdict(account)).status == HTTPStatus.OK
    except OSError as error:
        raise DevstackError(f"the shop did not answer when a customer came: {error}") from error
    if registered.status != HTTPStatus.CREATED:
        raise DevstackError(
            f"the shop did not register {account.email}: {registered.status} {registered.body}"
        )
    return True
