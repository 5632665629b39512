"""What the demo shop sells."""

from itertools import chain, zip_longest

from devstack.demo.catalogue.categories import CATEGORIES
from devstack.demo.catalogue.everyday import EVERYDAY
from devstack.demo.catalogue.hot_wheels import HOT_WHEELS
from devstack.demo.catalogue.large_scale import LARGE_SCALE
from devstack.demo.catalogue.premium_64 import PREMIUM_64
from devstack.demo.catalogue.product import Category, Product

__all__ = ["CATEGORIES", "PRODUCTS", "Category", "Product"]

PRODUCTS: tuple[Product, ...] = tuple(
    product
    for product in chain.from_iterable(zip_longest(HOT_WHEELS, LARGE_SCALE, EVERYDAY, PREMIUM_64))
    if product is not None
)
"""Every model, the makers mixed, so that the shop window's newest ones are of all kinds."""
