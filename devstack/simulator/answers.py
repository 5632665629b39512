"""Scripted answers of the Core API, for tests that send the notifications themselves.

A script is kept under an order id or transaction id:

    {"status": A, "status_after": A, "cancel": A, "expire": A, "refund": A, "approve": A,
     "deny": A, "also": ["<another id>", …]}

`status_after` takes the place of `status` once a cancel, expire, refund, approve or deny call
has come in. An answer A is a body (an object, sent as HTTP 200), `"not_found"`, `"timeout"`,
`"refuse"`, `"500"`, `"html"`, a body code such as `"412"` (for a status an error's only: a
success has a body), or null for what the simulator would answer by itself; a list of these is
answered one by one, the last for ever. `also` names further ids that share the script: a
transaction id beside its order id.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from devstack.simulator import representations
from devstack.simulator.config import Options
from devstack.simulator.errors import NotUnderstoodError
from devstack.simulator.outages import Outages
from devstack.simulator.store import Store

ACTIONS = ("cancel", "expire", "refund", "approve", "deny")
_ANSWER_KEYS = ("status", "status_after", *ACTIONS)
_BREAKDOWNS = {"timeout": "hang", "refuse": "refuse", "500": "500", "html": "html"}
_REFUSALS = {
    "401": "Transaction cannot be authorized with the current client/server key.",
    "404": "Transaction doesn't exist.",
    "406": "The request could not be completed due to a conflict with the current state.",
    "412": "Transaction status cannot be updated.",
    "414": "Refund amount is more than the amount left.",
    "429": "API rate limit exceeded.",
}
_OUTCOMES = {
    ("cancel", "200"): {
        "status_message": "Success, transaction is canceled",
        "transaction_status": "cancel",
    },
    ("expire", "407"): {
        "status_message": "Success, transaction has expired",
        "transaction_status": "expire",
    },
    ("approve", "200"): {
        "status_message": "Success, transaction is approved",
        "transaction_status": "capture",
    },
    ("deny", "200"): {
        "status_message": "Success, transaction is denied",
        "transaction_status": "deny",
    },
    ("refund", "200"): {
        "status_message": "Success, refund request is approved",
        "transaction_status": "refund",
    },
    ("refund", "202"): {
        "status_message": "Refund is rejected by the provider",
        "transaction_status": "settlement",
        "refund_amount": "0.00",
    },
}
_KIND, _ALIAS = "answers", "answers alias"


class Answers:
    """The scripts, and whose turn it is in each."""

    def __init__(self, store: Store, outages: Outages, options: Options) -> None:
        self._store = store
        self._outages = outages
        self._options = options

    def put(self, id_: str, script: Mapping[str, Any]) -> None:
        """Replace the script of an id; raises `NotUnderstoodError`."""
        _check(script)
        with self._store.change():
            self.drop(id_)
            for alias in script.get("also", []):
                self._store.put(_ALIAS, alias, {"of": id_})
            self._store.put(_KIND, id_, {"script": dict(script), "used": {}, "is_acted": False})

    def drop(self, id_: str) -> None:
        with self._store.change():
            kept = self._store.get(_KIND, id_)
            for alias in kept["script"].get("also", []) if kept else []:
                self._store.drop(_ALIAS, alias)
            self._store.drop(_KIND, id_)

    def reply(self, id_: str, action: str) -> Response | None:
        """The scripted reply to this call (`status` or one of `ACTIONS`), or None."""
        with self._store.change():
            alias = self._store.get(_ALIAS, id_)
            key = alias["of"] if alias else id_
            kept = self._store.get(_KIND, key)
            if kept is None:
                return None
            answer = _next_answer(kept, action)
            kept["is_acted"] |= action in ACTIONS
            self._store.put(_KIND, key, kept)
        return None if answer is None else self._written(answer, id_, action)

    def _written(self, answer: Any, id_: str, action: str) -> Response:
        if isinstance(answer, dict):
            return jsonify(self._signed(answer))
        if answer in _BREAKDOWNS:
            return self._outages.broken(_BREAKDOWNS[answer])
        if answer == "not_found":
            return jsonify(representations.not_found())
        if (action, answer) in _OUTCOMES:
            return jsonify({"status_code": answer, "order_id": id_} | _OUTCOMES[action, answer])
        return jsonify(representations.problem(answer, _REFUSALS.get(answer, "Refused.")))

    def _signed(self, body: dict[str, Any]) -> dict[str, Any]:
        if {"order_id", "status_code", "gross_amount"} <= body.keys():
            signature = representations.sign(body, self._options.now.server_key)
            return {"signature_key": signature} | body
        return body


def _next_answer(kept: dict[str, Any], action: str) -> Any:
    script = kept["script"]
    if action == "status" and kept["is_acted"] and "status_after" in script:
        action = "status_after"
    answer = script.get(action)
    if not isinstance(answer, list):
        return answer
    used = kept["used"].get(action, 0)
    kept["used"][action] = used + 1
    return answer[min(used, len(answer) - 1)]


def _check(script: Mapping[str, Any]) -> None:
    unknown = set(script) - {*_ANSWER_KEYS, "also"}
    if unknown:
        known = ", ".join((*_ANSWER_KEYS, "also"))
        raise NotUnderstoodError(f"unknown: {', '.join(sorted(unknown))}; known: {known}")
    also = script.get("also", [])
    if not isinstance(also, list) or not all(isinstance(id_, str) for id_ in also):
        raise NotUnderstoodError("also must be a list of ids")
    for key in _ANSWER_KEYS:
        given = script.get(key)
        answers = given if isinstance(given, list) else [given]
        if not answers or not all(_is_answer(answer, key) for answer in answers):
            raise NotUnderstoodError(f"{key} does not understand {given!r}")


def _is_answer(answer: Any, key: str) -> bool:
    if answer is None or isinstance(answer, dict):
        return True
    if not isinstance(answer, str):
        return False
    if answer in _BREAKDOWNS or answer == "not_found":
        return True
    is_code = len(answer) == 3 and answer.isdigit()
    return is_code and (key in ACTIONS or answer[0] in "45")
