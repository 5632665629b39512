"""The door to the pictures of products."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import request

from diecast_api.accounts.permissions import Permission
from diecast_api.catalog import gallery_queries as queries
from diecast_api.catalog.errors import ImageTooLarge, InvalidImage, UnsupportedImageType
from diecast_api.catalog.schemas import MAX_FILES, ChangeImage, ImageListOut, ImageOut, UploadImages
from diecast_api.catalog.service import images as service
from diecast_api.catalog.uploads import MAX_BYTES, Upload
from diecast_api.errors import Forbidden, Invalid, NotFound, StorageUnavailable, Unauthenticated
from diecast_api.unit_of_work import end_reading
from diecast_api.web.auth import is_staff, public, staff
from diecast_api.web.blueprint import Blueprint
from diecast_api.web.caching import cacheable, vary_by_caller

View = TypeVar("View", bound=Callable[..., Any])

# What multipart adds to ten files of the largest size.
MAX_REQUEST_BYTES = MAX_FILES * MAX_BYTES + 1024 * 1024

blueprint = Blueprint(
    "images", __name__, url_prefix="/products", description="The pictures of a product."
)


def takes_files(view: View) -> View:
    """Let this view have a larger body than others, with files in it and nothing else."""

    @wraps(view)
    def taking(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = MAX_REQUEST_BYTES
        end_reading()  # who is asking was read; the files may take minutes to come
        if request.form:
            raise Invalid(errors={name: ["Unknown field."] for name in request.form})
        return view(*args, **kwargs)

    return taking  # type: ignore[return-value]


@blueprint.post("/<uuid:product_id>/images")
@staff(Permission.CATALOG_WRITE)
@takes_files
@blueprint.arguments(UploadImages, location="files")
@blueprint.response(201, ImageListOut)
@blueprint.problems(
    Unauthenticated,
    Forbidden,
    NotFound,
    UnsupportedImageType,
    ImageTooLarge,
    InvalidImage,
    Invalid,
    StorageUnavailable,
)
@blueprint.doc(operationId="uploadImages")
def upload_images(body: dict[str, Any], product_id: UUID) -> dict[str, Any]:
    """Upload images of a product

    JPEG, PNG or WebP by content, of up to 10 MB and 50 million pixels each. One bad file refuses
    the whole request. The images are `processing` until the worker has made their renditions.
    """
    uploads = [Upload(file.filename or "", file.stream) for file in body["files"]]
    return {"images": queries.images_by_id(service.upload(product_id, uploads))}


@blueprint.get("/<uuid:product_id>/images")
@public
@cacheable
@blueprint.response(200, ImageListOut)
@blueprint.problems(NotFound)
@blueprint.doc(operationId="listImages")
def list_images(product_id: UUID) -> dict[str, Any]:
    """List the images of a product

    The ready ones; staff see all, with their status.
    """
    sees_all = is_staff(Permission.CATALOG_WRITE)
    vary_by_caller(is_private=sees_all)
    gallery = queries.gallery_for_staff if sees_all else queries.gallery_on_sale
    return {"images": gallery(product_id)}


@blueprint.patch("/<uuid:product_id>/images/<uuid:image_id>")
@staff(Permission.CATALOG_WRITE)
@blueprint.arguments(ChangeImage)
@blueprint.response(200, ImageOut)
@blueprint.problems(Unauthenticated, Forbidden, NotFound, Invalid)
@blueprint.doc(operationId="changeImage")
def change_image(values: dict[str, Any], product_id: UUID, image_id: UUID) -> dict[str, Any]:
    """Describe an image, move it, or make it the primary one

    Moving shifts the others; a position past the end means the last. Another image loses its
    primacy when one gains it.
    """
    service.change(product_id, image_id, values)
    return queries.images_by_id([image_id])[0]


@blueprint.delete("/<uuid:product_id>/images/<uuid:image_id>")
@staff(Permission.CATALOG_WRITE)
@blueprint.response(204)
@blueprint.problems(Unauthenticated, Forbidden, NotFound)
@blueprint.doc(operationId="deleteImage")
def delete_image(product_id: UUID, image_id: UUID) -> None:
    """Delete an image; the next one becomes primary where it was"""
    service.remove(product_id, image_id)
