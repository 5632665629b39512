"""Reading the tree of categories. It is small, and read whole in one statement."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from diecast_api.catalog.filters import on_sale
from diecast_api.catalog.models import Category, Product
from diecast_api.catalog.naming import is_uuid
from diecast_api.errors import NotFound
from diecast_api.extensions import db


def all_categories() -> list[dict[str, Any]]:
    """Every category, parents before what lies below them, siblings by position and name."""
    return _Tree().preorder


def category(reference: str) -> dict[str, Any]:
    """A category by id or slug, with its `path` from the root down to itself and its `children`.

    Raises:
        NotFound: there is no such category.
    """
    tree = _Tree()
    key, value = ("id", UUID(reference)) if is_uuid(reference) else ("slug", reference)
    found = next((node for node in tree.preorder if node[key] == value), None)
    if found is None:
        raise NotFound
    return {**found, "path": tree.path(found), "children": tree.children[found["id"]]}


class _Tree:
    """All categories; `product_count` is of what is on sale in a category and all below it."""

    def __init__(self) -> None:
        self.children: dict[UUID | None, list[dict[str, Any]]] = defaultdict(list)
        for row in db.session.execute(_select_categories()):
            self.children[row.parent_id].append(dict(row._mapping))
        self.preorder = self._walk()
        self._by_id = {node["id"]: node for node in self.preorder}
        for node in reversed(self.preorder):
            if node["parent_id"] is not None:
                self._by_id[node["parent_id"]]["product_count"] += node["product_count"]

    def path(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        """The node and all above it, from the root down."""
        path = [node]
        while path[-1]["parent_id"] is not None:
            path.append(self._by_id[path[-1]["parent_id"]])
        return path[::-1]

    def _walk(self) -> list[dict[str, Any]]:
        ordered: list[dict[str, Any]] = []
        waiting = self.children[None][::-1]
        while waiting:
            node = waiting.pop()
            ordered.append(node)
            waiting.extend(reversed(self.children[node["id"]]))
        return ordered


def _select_categories() -> Any:
    return (
        select(
            Category.id,
            Category.name,
            Category.slug,
            Category.description,
            Category.parent_id,
            Category.position,
            Category.version,
            func.count(Product.id).label("product_count"),
        )
        .outerjoin(Product, (Product.category_id == Category.id) & on_sale())
        .group_by(Category.id)
        .order_by(Category.position, func.lower(Category.name), Category.id)
    )
