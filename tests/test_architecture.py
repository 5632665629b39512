"""What must hold of the code base as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

import worker.tasks  # noqa: F401  (registers the tasks)
from diecast_api import task_names
from diecast_api.accounts.permissions import Permission
from diecast_api.extensions import celery, db
from diecast_api.messages import PROBLEMS
from diecast_api.orm import Base
from diecast_api.web.auth import AUDIENCE_ATTRIBUTE
from worker.schedule import beat_schedule

AUDIENCES = {"public", "signed_in", "shopper", *(f"staff:{name}" for name in Permission)}
NOT_OURS = {"api-docs.openapi_json", "docs.static"}


def test_every_route_says_for_whom_it_is(app: Flask) -> None:
    undecided = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, AUDIENCE_ATTRIBUTE, None) not in AUDIENCES
    }
    assert undecided == NOT_OURS


def test_every_task_name_is_registered_and_its_queue_consumed(app: Flask) -> None:
    constants = [value for key, value in vars(task_names).items() if key.isupper()]
    names = {value for value in constants if isinstance(value, str) and "." in value}
    assert names == set(task_names.QUEUE_OF)
    assert names <= set(celery.tasks)
    consumed = {queue.name for queue in celery.conf.task_queues}
    assert set(task_names.QUEUE_OF.values()) == consumed


def test_beat_sends_only_tasks_that_exist(app: Flask) -> None:
    schedule = beat_schedule(app.config["SETTINGS"])
    assert {entry["task"] for entry in schedule.values()} <= set(celery.tasks)


def test_there_is_one_migration_head() -> None:
    assert len(ScriptDirectory("migrations").get_heads()) == 1


@pytest.mark.usefixtures("database")
def test_the_models_are_what_the_migrations_make() -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_problem_has_texts_in_both_languages() -> None:
    assert all(all(texts) for texts in PROBLEMS.values())


def test_every_error_of_the_shop_has_texts(app: Flask) -> None:
    def family(kind: type[Any]) -> list[type[Any]]:
        return [kind, *(member for child in kind.__subclasses__() for member in family(child))]

    from diecast_api.errors import DomainError

    codes = {kind.code for kind in family(DomainError) if kind is not DomainError}
    assert codes <= set(PROBLEMS)


def test_the_document_describes_every_route_of_the_api(app: Flask) -> None:
    document = app.test_client().get("/openapi.json").json
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "patch", "put", "delete")
    ]
    rules = [rule for rule in app.url_map.iter_rules() if str(rule).startswith("/api/v1")]
    documented = {
        (path.replace("{", "<").replace("}", ">"), m.upper()) for path, m, _ in operations
    }
    served = {
        (_without_converters(str(rule)), method)
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert documented == served
    ids = [operation.get("operationId") for _, _, operation in operations]
    assert None not in ids
    assert len(ids) == len(set(ids))
    assert all(operation.get("summary") for _, _, operation in operations)
    assert all("security" in operation for _, _, operation in operations)


def _without_converters(rule: str) -> str:
    parts = [
        f"<{part[1:-1].rpartition(':')[2]}>" if part.startswith("<") else part
        for part in rule.split("/")
    ]
    return "/".join(parts)
