"""Fields that several rooms speak: money, times, addresses of people, names in URLs."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from diecast_api.web.pagination import PaginationSchema

CURRENCY = "IDR"
MAX_RUPIAH = 1_000_000_000
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_PHONE = re.compile(r"(?:\+?62|0)([1-9]\d{6,12})")


class Whole(validate.Regexp):
    """The whole text matches a pattern, written so that OpenAPI's readers understand it too."""

    def __init__(self, pattern: str, *, error: str) -> None:
        super().__init__(f"^{pattern}$", error=error)

    def __call__(self, value: Any) -> Any:
        # Python's `$` lets a line end follow.
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError(self._format_error(value))
        return value


class Text(fields.String):
    """A trimmed text of 1 to `maximum` characters (0 where `blank`), without control characters."""

    def __init__(self, maximum: int, *, blank: bool = False, **options: Any) -> None:
        length = validate.Length(0 if blank else 1, maximum)
        super().__init__(validate=[length, *options.pop("validate", [])], **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
            raise ma.ValidationError("Control characters are not allowed.")
        return text.strip()


class Line(Text):
    """A text on one line, with something in it that can be seen."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if any(c in "\n\r\t" for c in text):
            raise ma.ValidationError("Must be on one line.")
        if text and not any(unicodedata.category(c)[0] in "LNPS" for c in text):
            raise ma.ValidationError("Must hold a visible character.")
        return text


class Flag(fields.Boolean):
    """A JSON boolean, and nothing that merely looks like one."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Count(fields.Integer):
    """A whole number as a JSON integer, within bounds."""

    def __init__(self, minimum: int, maximum: int, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(minimum, maximum), **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> int:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **options)


class Rupiah(Count):
    """Whole rupiah as a JSON integer."""

    def __init__(self, minimum: int = 0, **options: Any) -> None:
        super().__init__(minimum, MAX_RUPIAH, **options)


class Email(fields.Email):
    """An e-mail address, in ASCII and lower case as it is stored."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        address = super()._deserialize(value, attr, data, **options)
        if len(address) > 254 or not address.isascii():
            raise self.make_error("invalid", input=value)
        return address.lower()


class Phone(fields.String):
    """An Indonesian telephone number in any usual writing, kept as `+62…`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        match = _PHONE.fullmatch(re.sub(r"[ ().-]", "", text)) if text.isascii() else None
        if match is None:
            raise ma.ValidationError("Not an Indonesian telephone number.")
        return f"+62{match[1]}"


class Timestamp(fields.Field[Any]):
    """A moment in UTC, as RFC 3339 with a `Z`; the JSON writer gives it its form."""

    def __init__(self, **options: Any) -> None:
        metadata = {"type": "string", "format": "date-time", **options.pop("metadata", {})}
        super().__init__(dump_only=True, metadata=metadata, **options)


class Currency(fields.Constant[str]):
    """The one currency there is."""

    def __init__(self) -> None:
        super().__init__(
            CURRENCY, required=True, dump_only=True, metadata={"type": "string", "enum": [CURRENCY]}
        )


def list_schema(item: type[ma.Schema], name: str) -> type[ma.Schema]:
    """Schema of a paged list of items."""
    return ma.Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "pagination": fields.Nested(PaginationSchema, required=True),
        },
        name=name,
    )
