"""Pictures of products. Every task is safe twice and at once; the services say how."""

from uuid import UUID

from diecast_api import task_names
from diecast_api.catalog.service import rendering
from diecast_api.errors import StorageUnavailable
from diecast_api.extensions import celery

# A short absence of the object store is waited for here; a longer one is the sweep's.
_WAIT_FOR_STORAGE = {
    "autoretry_for": (StorageUnavailable,),
    "retry_backoff": 2,
    "retry_backoff_max": 60,
    "retry_jitter": True,
    "max_retries": 3,
}


@celery.task(name=task_names.RENDER_IMAGE, **_WAIT_FOR_STORAGE)
def render_image(image_id: str) -> None:
    """Make the renditions of an image; only one that is still processed is marked."""
    rendering.render_image(UUID(image_id))


@celery.task(name=task_names.DELETE_OBJECT, **_WAIT_FOR_STORAGE)
def delete_object(key: str) -> None:
    """Remove an object; one that is gone is gone."""
    rendering.delete_object(key)


@celery.task(name=task_names.SWEEP_IMAGES)
def sweep_images() -> None:
    """Take up images whose task was lost; a state that is the same twice."""
    rendering.sweep_images()
