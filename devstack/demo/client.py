"""A client of the shop's HTTP API: signs in, asks, and says plainly what went wrong."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import requests

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_TIMEOUT_SECONDS = (5.0, 60.0)
_BUSY = (429, 502, 503, 504)
_UNAUTHORIZED = 401

File = tuple[str, bytes, str]
"""A file to upload: its name, its bytes, its media type."""


class ShopError(Exception):
    """Something a person has to look at, in one line."""


class Refused(ShopError):
    """The shop answered with a problem."""

    def __init__(self, request: str, status: int, code: str, detail: str, request_id: str) -> None:
        super().__init__(f"{request}: {status} {code}: {detail} (request id {request_id})")
        self.status = status
        self.code = code


class Unavailable(ShopError):
    """The shop cannot be reached, or asks to come again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Shop:
    """The shop as its owner sees it; may be used by several threads."""

    def __init__(
        self, address: str, *, email: str, password: str, patience_seconds: float = 60.0
    ) -> None:
        """`address` is the shop's, without `/api/v1`."""
        self.address = address.rstrip("/")
        self._patience_seconds = patience_seconds
        self._email = email
        self._password = password
        self._token = ""
        self._signing_in = threading.Lock()
        self._own = threading.local()

    def patiently(
        self, step: Callable[_Given, _Result], *given: _Given.args, **named: _Given.kwargs
    ) -> _Result:
        """Run a repeatable step again and again while the shop is unavailable, then give up."""
        deadline = time.monotonic() + self._patience_seconds
        pause = 0.5
        while True:
            try:
                return step(*given, **named)
            except Unavailable as problem:
                wait = pause if problem.retry_after is None else problem.retry_after
                if time.monotonic() + wait > deadline:
                    raise
            time.sleep(wait)
            pause = min(pause * 2, 5.0)

    def sign_in(self) -> None:
        """Fetch an access token; wrong credentials and accounts that are not staff are refused."""
        body = {"email": self._email, "password": self._password}
        try:
            answer = self._ask("POST", "/auth/login", json=body)
        except Refused as problem:
            if problem.status == _UNAUTHORIZED:
                raise ShopError(f"wrong e-mail or password for {self._email}") from problem
            raise
        if not answer["user"]["is_admin"]:
            raise ShopError(f"{self._email} is not the owner of the shop at {self.address}")
        self._token = answer["access_token"]

    def get(self, path: str, **query: str | int) -> Any:
        """The decoded answer to a GET."""
        return self._signed("GET", path, params=query)

    def post(self, path: str, body: dict[str, object]) -> Any:
        """The decoded answer to a POST of JSON."""
        return self._signed("POST", path, json=body)

    def patch(self, path: str, body: dict[str, object]) -> Any:
        """The decoded answer to a PATCH."""
        return self._signed("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Delete what lies at a path."""
        self._signed("DELETE", path)

    def upload(self, path: str, field: str, files: Sequence[File]) -> Any:
        """The decoded answer to a POST of files."""
        return self._signed("POST", path, files=[(field, file) for file in files])

    def _signed(self, method: str, path: str, **content: Any) -> Any:
        """Ask as the owner; an expired token is renewed once."""
        token = self._token
        try:
            return self._ask(method, path, token, **content)
        except Refused as problem:
            if problem.status != _UNAUTHORIZED:
                raise
        with self._signing_in:
            if self._token == token:
                self.sign_in()
        return self._ask(method, path, self._token, **content)

    def _ask(self, method: str, path: str, token: str = "", **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            response = self._session().request(
                method,
                f"{self.address}/api/v1{path}",
                headers=headers,
                timeout=_TIMEOUT_SECONDS,
                **content,
            )
        except (requests.ConnectionError, requests.Timeout) as problem:
            raise Unavailable(f"no answer from the shop at {self.address}") from problem
        except requests.RequestException as problem:
            raise ShopError(f"{self.address} is not a shop's address: {problem}") from problem
        return _decoded(f"{method} {path}", response)

    def _session(self) -> requests.Session:
        """A connection of the thread's own."""
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
        session: requests.Session = self._own.session
        return session


def _decoded(request: str, response: requests.Response) -> Any:
    if response.status_code in _BUSY:
        after = response.headers.get("Retry-After", "")
        raise Unavailable(
            f"{request}: the shop answers {response.status_code} and asks to wait",
            float(after) if after.isdecimal() else None,
        )
    if response.status_code == requests.codes.no_content:
        return None
    try:
        body = response.json()
    except requests.JSONDecodeError as problem:
        raise ShopError(
            f"{request}: {response.status_code} and no JSON; is {response.url} a shop?"
        ) from problem
    if not response.ok:
        raise Refused(
            request,
            response.status_code,
            str(body.get("code")),
            _details(body),
            str(body.get("request_id")),
        )
    return body


def _details(problem: dict[str, Any]) -> str:
    """The problem's detail, and which fields it is about."""
    fields = [f"{name}: {' '.join(texts)}" for name, texts in problem.get("errors", {}).items()]
    return "; ".join([str(problem.get("detail") or problem.get("title")), *fields])
