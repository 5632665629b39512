"""Full text search: what a buyer types, as a query that is safe whatever was typed."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Double, Function, cast, func
from sqlalchemy.dialects.postgresql import TSQUERY

from diecast_api.catalog.models import Product

_WORD = re.compile(r"[^\W_]+")


def search_words(text: str) -> list[str]:
    """The words of a search: runs of letters and digits, as `products.search_vector` parts them."""
    return _WORD.findall(text.lower())


def matches(text: str) -> ColumnElement[bool]:
    """Products that have, for every word of the text, a word beginning with it."""
    return Product.search_vector.bool_op("@@")(_query(text))


def relevance(text: str) -> ColumnElement[float]:
    """How well a product matches, as a float; the weights stand in the model."""
    # As double precision: a cursor has to come back from Python as exactly the same number.
    return cast(func.ts_rank(Product.search_vector, _query(text)), Double)


def _query(text: str) -> Function[str]:
    prefixes = " & ".join(f"{word}:*" for word in search_words(text))
    return func.to_tsquery("simple", prefixes, type_=TSQUERY)
