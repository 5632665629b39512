"""The demo catalogue is a believable shop."""

import re
from collections import Counter

import pytest

from devstack.demo.catalogue import CATEGORIES, PRODUCTS, Product

PRICES = {
    "1:62": (35_000, 500_000),
    "1:64": (25_000, 1_500_000),
    "1:43": (250_000, 1_000_000),
    "1:24": (250_000, 800_000),
    "1:18": (500_000, 5_000_000),
}


def test_there_are_enough_products_and_none_twice() -> None:
    assert len(PRODUCTS) >= 72
    for name in ("sku", "slug", "name"):
        counts = Counter(str(getattr(product, name)).lower() for product in PRODUCTS)
        assert [value for value, count in counts.items() if count > 1] == []


def test_categories_are_a_tree_of_three_levels() -> None:
    depths: dict[str, int] = {}
    for category in CATEGORIES:
        assert category.slug not in depths
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", category.slug)
        assert category.description
        depths[category.slug] = depths[category.parent] + 1 if category.parent else 1
    assert max(depths.values()) == 3


def test_every_lowest_category_has_products() -> None:
    lowest = {c.slug for c in CATEGORIES} - {c.parent for c in CATEGORIES}
    assert {product.category for product in PRODUCTS} == lowest


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.sku)
def test_a_product_is_complete(product: Product) -> None:
    body = product.request("a-category")
    optional = {"edition_size"}
    missing = [name for name, value in body.items() if value is None or value == ""]
    assert set(missing) <= optional
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product.slug)
    assert len(product.slug) <= 100
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", product.release_date)
    assert 40 <= len(product.description) <= 300
    assert product.attributes
    low, high = PRICES[product.scale]
    assert type(product.price) is int
    assert low <= product.price <= high
    assert product.price % 1_000 == 0


def test_stock_condition_and_rarity_vary() -> None:
    assert any(product.stock == 0 for product in PRODUCTS)
    assert any(0 < product.stock <= 5 for product in PRODUCTS)
    assert {product.condition for product in PRODUCTS} == {"new", "used"}
    assert {product.box_condition for product in PRODUCTS} >= {"mint", "damaged", "none"}
    assert any(product.is_chase for product in PRODUCTS)
    assert any(product.edition_size for product in PRODUCTS)
    assert len({product.maker for product in PRODUCTS}) >= 12
