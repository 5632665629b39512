"""The Celery application: `celery -A worker.app worker` and `celery -A worker.app beat`."""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery import Task
from celery.signals import setup_logging

from diecast_api import create_app
from diecast_api.extensions import celery
from diecast_api.logs import REQUEST_ID_HEADER, bind_request_id, bind_task
from worker.schedule import beat_schedule

log = structlog.get_logger(__name__)
flask_app = create_app()


class ContextTask(Task):
    """Runs every task in an application context, under the request id of what caused it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bind_request_id((self.request.headers or {}).get(REQUEST_ID_HEADER))
        bind_task(self.name, self.request.id)
        started = time.perf_counter()
        with flask_app.app_context():
            result = self.run(*args, **kwargs)
        log.info("task_done", milliseconds=round((time.perf_counter() - started) * 1000))
        return result


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery is not to set up logging of its own: `create_app` did."""


celery.Task = ContextTask
celery.conf.beat_schedule = beat_schedule(flask_app.config["SETTINGS"])
celery.autodiscover_tasks(["worker"], related_name="tasks", force=True)
