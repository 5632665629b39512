"""The OpenAPI document, generated from the code."""

from __future__ import annotations

from http import HTTPStatus

from flask_smorest import Api

from diecast_api.web.problems import PROBLEM_TYPE, ProblemSchema


class DocumentedApi(Api):
    """flask-smorest's document, with our problems in place of its own error answers."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave the errors to `web.problems`, which answers for every one of them."""

    def _register_responses(self) -> None:
        """Document errors in their own media type, which flask-smorest would call plain JSON."""
        descriptions = {status.name: status.phrase for status in HTTPStatus if status >= 400}
        descriptions[self.DEFAULT_ERROR_RESPONSE_NAME] = "Any other problem"
        for name, description in descriptions.items():
            content = {PROBLEM_TYPE: {"schema": self.ERROR_SCHEMA}}
            answer = {"description": description, "content": content}
            self.spec.components.response(name, answer, lazy=True)
