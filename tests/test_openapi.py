"""The OpenAPI document says what is really answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.fixture
def document(app: Flask) -> Any:
    return app.test_client().get("/openapi.json").json


def test_every_error_is_a_problem_document(document: Any) -> None:
    shared = document["components"]["responses"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            errors = {
                status: answer
                for status, answer in operation["responses"].items()
                if not status.startswith("2")
            }
            assert "default" in errors
            for status, answer in errors.items():
                if "$ref" in answer:
                    answer = shared[answer["$ref"].rsplit("/", 1)[1]]
                assert answer["content"] == PROBLEM, (method, path, status)


def test_a_problem_may_carry_more_than_its_fixed_members(document: Any) -> None:
    assert document["components"]["schemas"]["Problem"]["additionalProperties"] is True


@pytest.mark.parametrize("name", ["ProductListItemOut", "CartOut", "OrderOut", "PaymentOut"])
def test_what_has_a_price_has_a_currency(document: Any, name: str) -> None:
    schema = document["components"]["schemas"][name]
    assert schema["properties"]["currency"]["enum"] == ["IDR"]
    assert "currency" in schema["required"]
