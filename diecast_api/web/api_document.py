"""The OpenAPI document, generated from the code."""

from __future__ import annotations

from flask_smorest import Api

from diecast_api.web.problems import ProblemSchema


class DocumentedApi(Api):
    """flask-smorest's document, with our problems in place of its own error answers."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave the errors to `web.problems`, which answers for every one of them."""
