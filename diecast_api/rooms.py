"""The doors of all rooms, under `/api/v1`, and the OpenAPI document they add up to."""

from __future__ import annotations

from flask import Flask

from diecast_api.accounts.routes import blueprint as accounts
from diecast_api.carts import listeners as cart_listeners
from diecast_api.carts.routes import blueprint as carts
from diecast_api.catalog.category_routes import blueprint as categories
from diecast_api.catalog.image_routes import blueprint as images
from diecast_api.catalog.product_routes import blueprint as products
from diecast_api.inventory import listeners as inventory_listeners
from diecast_api.inventory.admin_routes import blueprint as inventory_administration
from diecast_api.orders.admin_routes import blueprint as order_administration
from diecast_api.orders.routes import blueprint as orders
from diecast_api.payments.admin_routes import blueprint as payment_administration
from diecast_api.payments.routes import blueprint as payments
from diecast_api.payments.webhook import blueprint as webhook
from diecast_api.web.api_document import DocumentedApi

PREFIX = "/api/v1"
DOORS = (
    accounts,
    categories,
    products,
    images,
    carts,
    orders,
    payments,
    webhook,
    order_administration,
    payment_administration,
    inventory_administration,
)
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cart": {"type": "apiKey", "in": "header", "name": "X-Cart-Token"},
}


def register_rooms(app: Flask) -> None:
    """Open every door, document it, and have rooms hear what those below them tell."""
    inventory_listeners.listen()
    cart_listeners.listen()
    api = DocumentedApi(app)
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for door in DOORS:
        api.register_blueprint(door, url_prefix=PREFIX + (door.url_prefix or ""))
