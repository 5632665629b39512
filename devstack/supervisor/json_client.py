"""The few requests that the supervisor makes to the parts it has started."""

import http.client
import json
from dataclasses import dataclass

# Short: while we wait here, nobody hears a wish to stop.
_GET_SECONDS = 1.5
_POST_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """`body` is the JSON object of the answer, empty when it was something else."""

    status: int
    body: dict[str, object]


class JsonClient:
    """Speaks to one server directly: a proxy from the environment would not find it."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def get(self, path: str) -> Answer:
        """Raises OSError when nobody answers."""
        return self._ask("GET", path, None, _GET_SECONDS)

    def post(self, path: str, body: dict[str, str]) -> Answer:
        """Raises OSError when nobody answers."""
        return self._ask("POST", path, json.dumps(body), _POST_SECONDS)

    def _ask(self, method: str, path: str, body: str | None, seconds: float) -> Answer:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"no proper answer to {method} {path}: {error!r}") from error
        finally:
            connection.close()
        try:
            content = json.loads(text)
        except ValueError:
            content = {}
        return Answer(response.status, content if isinstance(content, dict) else {})
