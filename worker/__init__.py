"""The Celery worker and beat. The API never imports this package; it sends tasks by name."""
