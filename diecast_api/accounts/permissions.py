"""Named permissions, and which role holds which. What is not named is not allowed."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a member of staff may do."""

    CATALOG_WRITE = "catalog.write"
    STOCK_WRITE = "stock.write"
    ORDERS_READ = "orders.read"
    ORDERS_WRITE = "orders.write"


class Role(StrEnum):
    """A fixed set of permissions."""

    OWNER = "owner"
    CATALOG = "catalog"
    ORDERS = "orders"
    SUPPORT = "support"


PERMISSIONS_OF: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.CATALOG: frozenset({Permission.CATALOG_WRITE, Permission.STOCK_WRITE}),
    Role.ORDERS: frozenset(
        {Permission.ORDERS_READ, Permission.ORDERS_WRITE, Permission.STOCK_WRITE}
    ),
    Role.SUPPORT: frozenset({Permission.ORDERS_READ}),
}
