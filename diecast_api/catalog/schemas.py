"""Categories and products over HTTP."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask_smorest.fields import Upload
from marshmallow import fields, validate

from diecast_api.catalog.filters import Filters
from diecast_api.catalog.models import ImageStatus
from diecast_api.catalog.naming import MAX_SLUG_LENGTH, RESERVED_SLUGS, is_uuid
from diecast_api.catalog.queries import RELEVANCE, SORTS
from diecast_api.json import dumps
from diecast_api.web.pagination import PageArguments
from diecast_api.web.schemas import (
    SLUG,
    Count,
    Currency,
    Flag,
    Rupiah,
    Text,
    Timestamp,
    Whole,
    list_schema,
)

MAX_FILES = 10
MAX_STOCK = 1_000_000
MAX_ATTRIBUTES_BYTES = 16 * 1024
MAX_FILTER_PRICE = 10**15
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class Slug(fields.String):
    """A name in addresses: lower case words in ASCII joined by hyphens, and not a UUID."""

    def __init__(self, *, reserved: frozenset[str] = frozenset(), **options: Any) -> None:
        checks = [
            validate.Length(1, MAX_SLUG_LENGTH),
            Whole(SLUG, error="Use a-z, 0-9 and single hyphens between them."),
            validate.NoneOf(reserved, error="This slug is reserved."),
        ]
        super().__init__(validate=checks, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if is_uuid(text):
            raise ma.ValidationError("A slug must not look like an id.")
        return text


class Scale(fields.String):
    """A scale such as `1:64`; `1/64` is understood."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=Whole(r"1:[1-9][0-9]{0,2}", error="Use a scale such as 1:64."), **options
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        return super()._deserialize(value, attr, data, **options).replace("/", ":")


def _has_huge_number(value: Any) -> bool:
    """Whether there is a number that JSONB would give back as more digits than JSON takes."""
    if isinstance(value, dict):
        return any(_has_huge_number(member) for member in value.values())
    if isinstance(value, list):
        return any(_has_huge_number(element) for element in value)
    return isinstance(value, (int, float)) and abs(value) >= 2**63


class CategoryFields(ma.Schema):
    """What staff say about a category."""

    slug = Slug()
    description = Text(2_000, blank=True, allow_none=True)
    parent_id = fields.UUID(allow_none=True)
    position = Count(0, 1_000_000)


class CreateCategory(CategoryFields):
    """A new category; a slug is made from its name where none is given."""

    name = Text(120, required=True)


class ChangeCategory(CategoryFields):
    """Fields of a category that are to be changed; null clears."""

    name = Text(120)


class CategoryNameOut(ma.Schema):
    """A category as others refer to it."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)


class CategoryOut(CategoryNameOut):
    """A category. `product_count` is of published products in it and in all below it."""

    description = fields.String(required=True, allow_none=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    position = fields.Integer(required=True)
    product_count = fields.Integer(required=True)


class CategoryDetailOut(CategoryOut):
    """A category with its `path` from the root down to itself and what is right below it."""

    path = fields.List(fields.Nested(CategoryNameOut), required=True)
    children = fields.List(fields.Nested(CategoryOut), required=True)
    version = fields.Integer(required=True)


class CategoryListOut(ma.Schema):
    """All categories, parents before what lies below them."""

    items = fields.List(fields.Nested(CategoryOut), required=True)


class ProductFields(ma.Schema):
    """What staff say about a product beside its name and price."""

    sku = fields.String(
        validate=Whole(
            r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}",
            error="1 to 64 characters of A-Z, a-z, 0-9, '.', '_', '/' and '-'.",
        )
    )
    slug = Slug(reserved=RESERVED_SLUGS)
    description = Text(20_000, blank=True, allow_none=True)
    category_id = fields.UUID(allow_none=True)
    brand = Text(80, allow_none=True)
    scale = Scale(allow_none=True)
    series = Text(120, allow_none=True)
    marque = Text(80, allow_none=True)
    model_year = Count(1885, 2100, allow_none=True)
    color = Text(80, allow_none=True)
    material = Text(80, allow_none=True)
    condition = Text(40, allow_none=True)
    box_condition = Text(40, allow_none=True)
    edition_size = Count(1, 10_000_000, allow_none=True)
    is_chase = Flag(allow_none=True)
    release_date = fields.Date(format="iso", allow_none=True)
    weight_grams = Count(0, 1_000_000, allow_none=True)
    attributes = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={"description": f"A free JSON object of up to {MAX_ATTRIBUTES_BYTES} bytes."},
    )
    published_at = fields.AwareDateTime(
        format="iso",
        allow_none=True,
        validate=validate.Range(_EARLIEST, _LATEST),
        metadata={"description": "null is a draft; a time to come publishes itself."},
    )

    @ma.validates("attributes")
    def fits(self, value: dict[str, Any] | None, **_: Any) -> None:
        if len(dumps(value)) > MAX_ATTRIBUTES_BYTES:
            raise ma.ValidationError(f"Longer than {MAX_ATTRIBUTES_BYTES} bytes as JSON.")
        if _has_huge_number(value):
            raise ma.ValidationError("Numbers must be within 64 bits.")

    @ma.post_load
    def clear(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What cannot be null in the database is cleared to its default."""
        for name, cleared in (("is_chase", False), ("attributes", {})):
            if name in data and data[name] is None:
                data[name] = cleared
        return data


class CreateProduct(ProductFields):
    """A new product. SKU and slug are made where absent; `published_at` defaults to now."""

    name = Text(200, required=True)
    price = Rupiah(1, required=True)
    stock = Count(0, MAX_STOCK, required=True)


class ChangeProduct(ProductFields):
    """Fields of a product that are to be changed; null clears. Stock is corrected elsewhere."""

    name = Text(200)
    price = Rupiah(1)


class ImageUrlsOut(ma.Schema):
    """The picture that lists show; width and height in pixels are the upload's."""

    url = fields.String(required=True)
    thumbnail_url = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)


class ProductListItemOut(ma.Schema):
    """A product in a list. `price` is in whole rupiah."""

    id = fields.UUID(required=True)
    sku = fields.String(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    price = fields.Integer(required=True)
    currency = Currency()
    stock = fields.Integer(required=True)
    in_stock = fields.Boolean(required=True)
    brand = fields.String(required=True, allow_none=True)
    scale = fields.String(required=True, allow_none=True)
    category = fields.Nested(CategoryNameOut, required=True, allow_none=True)
    image = fields.Nested(ImageUrlsOut, required=True, allow_none=True)
    created_at = Timestamp(required=True)


class ImageOut(ma.Schema):
    """A picture of a product. The addresses are null until it is `ready`.

    `width`, `height` and `size_bytes` are the upload's, as seen upright.
    """

    id = fields.UUID(required=True)
    filename = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    thumbnail_url = fields.String(required=True, allow_none=True)
    is_primary = fields.Boolean(required=True)
    position = fields.Integer(required=True)
    alt_text = fields.String(required=True, allow_none=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size_bytes = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(list(ImageStatus)))


class ImageListOut(ma.Schema):
    """Pictures of a product, in their order."""

    images = fields.List(fields.Nested(ImageOut), required=True)


class UploadImages(ma.Schema):
    """The files of an upload, as multipart/form-data."""

    files = fields.List(Upload(), required=True, validate=validate.Length(1, MAX_FILES))


class ChangeImage(ma.Schema):
    """What is to be changed of an image. `is_primary` can only be given, not taken away."""

    is_primary = Flag(validate=validate.Equal(True, error="Make another image primary instead."))
    position = Count(0, 10_000)
    alt_text = Text(300, blank=True, allow_none=True)


class ProductOut(ProductListItemOut):
    """All of a product."""

    description = fields.String(required=True, allow_none=True)
    images = fields.List(fields.Nested(ImageOut), required=True)
    series = fields.String(required=True, allow_none=True)
    marque = fields.String(required=True, allow_none=True)
    model_year = fields.Integer(required=True, allow_none=True)
    color = fields.String(required=True, allow_none=True)
    material = fields.String(required=True, allow_none=True)
    condition = fields.String(required=True, allow_none=True)
    box_condition = fields.String(required=True, allow_none=True)
    edition_size = fields.Integer(required=True, allow_none=True)
    is_chase = fields.Boolean(required=True)
    release_date = fields.Date(required=True, allow_none=True)
    weight_grams = fields.Integer(required=True, allow_none=True)
    attributes = fields.Dict(keys=fields.String(), required=True)
    published_at = Timestamp(required=True, allow_none=True)
    version = fields.Integer(required=True)
    updated_at = Timestamp(required=True)


ProductListOut = list_schema(ProductListItemOut, "ProductListOut")


def _choices(**metadata: str) -> fields.List[str]:
    values = fields.String(validate=validate.Length(1, 200))
    return fields.List(values, validate=validate.Length(max=50), metadata=metadata)


class ProductListArguments(PageArguments):
    """The filters of the shop window. Repeating a parameter means any of its values."""

    q = fields.String(validate=validate.Length(max=200))
    category = _choices(description="Id or slug; takes everything below it.")
    brand = _choices()
    scale = _choices()
    series = _choices()
    marque = _choices()
    condition = _choices()
    min_price = fields.Integer(validate=validate.Range(0, MAX_FILTER_PRICE))
    max_price = fields.Integer(validate=validate.Range(0, MAX_FILTER_PRICE))
    in_stock = fields.Boolean()
    sort = fields.String(
        load_default="newest",
        validate=validate.OneOf([*SORTS, RELEVANCE]),
        metadata={"description": "`relevance` needs `q`."},
    )

    @ma.validates_schema
    def relevance_needs_words(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("sort") == RELEVANCE and not data.get("q", "").strip():
            raise ma.ValidationError("relevance needs q.", "sort")

    @ma.post_load
    def gather_filters(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Put the filters together, as `filters`; `1/64` is the scale `1:64`."""
        names = [field.name for field in dataclass_fields(Filters)]
        chosen = {name: data.pop(name) for name in names if name in data}
        chosen["scale"] = [scale.replace("/", ":") for scale in chosen.get("scale", ())]
        chosen["q"] = chosen.get("q", "").strip()
        return {**data, "filters": Filters(**chosen)}
