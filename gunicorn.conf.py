"""How Gunicorn serves the API. Every figure can be set from the environment."""

import os
import shutil
import tempfile

import structlog
from prometheus_client import multiprocess

bind = f"{os.environ.get('BIND_HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 50_000
max_requests_jitter = 5_000
limit_request_line = 8190
limit_request_fields = 100
accesslog = None  # the application logs and counts its requests itself
control_socket_disable = True

# Gunicorn's own lines in the form of all the others: JSON, one event a line.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        name: {"handlers": ["console"], "level": "INFO", "propagate": False}
        for name in ("gunicorn.error", "gunicorn.access")
    },
}

# Each worker writes its metrics here, and /metrics adds them up.
_metrics_folder = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _metrics_folder = tempfile.mkdtemp(prefix="diecast-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics_folder


def child_exit(server, worker):
    """Forget the live gauges of a worker that has ended."""
    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """Remove the metrics folder that this process made."""
    if _metrics_folder:
        shutil.rmtree(_metrics_folder, ignore_errors=True)
