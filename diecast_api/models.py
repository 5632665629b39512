"""Every table, imported once for Alembic. No other code imports this module."""

from diecast_api.accounts import models as accounts
from diecast_api.carts import models as carts
from diecast_api.catalog import models as catalog
from diecast_api.idempotency import IdempotencyRecord
from diecast_api.inventory import models as inventory
from diecast_api.orders import models as orders
from diecast_api.outbox import OutboxMessage
from diecast_api.payments import models as payments

__all__ = [
    "IdempotencyRecord",
    "OutboxMessage",
    "accounts",
    "carts",
    "catalog",
    "inventory",
    "orders",
    "payments",
]
