"""The demo loader fills a real shop over HTTP, and completes what a killed run left behind."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from io import BytesIO

import pytest
import requests
from PIL import Image

from devstack.demo.catalogue import CATEGORIES, PRODUCTS, Product
from devstack.demo.client import Refused, Shop, ShopError
from devstack.demo.loader import load
from devstack.demo.pictures import pictures_of
from tests.support.live import LiveShop

SECONDS = 120


@pytest.fixture
def shop(live_shop: LiveShop) -> Shop:
    shop = Shop(live_shop.url, email=live_shop.owner_email, password=live_shop.owner_password)
    shop.sign_in()
    return shop


def start_loading(live_shop: LiveShop, count: int) -> subprocess.Popen[str]:
    """Load the first products in a process of its own, so that it can be killed."""
    program = (
        "from os import environ as e\n"
        "from devstack.demo.catalogue import PRODUCTS\n"
        "from devstack.demo.client import Shop\n"
        "from devstack.demo.loader import load\n"
        "shop = Shop(e['SHOP_API'], email=e['OWNER_EMAIL'], password=e['OWNER_PASSWORD'])\n"
        f"load(shop, PRODUCTS[:{count}])\n"
    )
    return subprocess.Popen([sys.executable, "-c", program], env=environment(live_shop), text=True)


def environment(live_shop: LiveShop, **changes: str) -> dict[str, str]:
    return os.environ | {
        "SHOP_API": live_shop.url,
        "OWNER_EMAIL": live_shop.owner_email,
        "OWNER_PASSWORD": live_shop.owner_password,
        **changes,
    }


def stocked(shop: Shop, products: Sequence[Product]) -> dict[str, list[str]]:
    """The ready pictures of those of the products that are in the shop, by SKU."""
    found: dict[str, list[str]] = {}
    for product in products:
        try:
            images = shop.get(f"/products/{product.slug}")["images"]
        except Refused:
            continue
        found[product.sku] = [i["filename"] for i in images if i["status"] == "ready"]
    return found


def planned(products: Sequence[Product]) -> dict[str, list[str]]:
    return {product.sku: [p.filename for p in pictures_of(product)] for product in products}


def test_a_killed_run_is_completed_by_the_next_without_duplicates(
    shop: Shop, live_shop: LiveShop
) -> None:
    products = PRODUCTS[:8]
    first = start_loading(live_shop, len(products))
    deadline = time.monotonic() + SECONDS
    while not stocked(shop, products):
        assert first.poll() is None, "the loader ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first.kill()
    first.wait(SECONDS)
    assert stocked(shop, products) != planned(products)

    load(shop, products)
    assert stocked(shop, products) == planned(products)
    load(shop, products)
    assert stocked(shop, products) == planned(products)
    skus = Counter(item["sku"] for item in shop.get("/products", per_page=100)["items"])
    assert {skus[product.sku] for product in products} == {1}
    slugs = Counter(category["slug"] for category in shop.get("/categories")["items"])
    assert {slugs[category.slug] for category in CATEGORIES} == {1}


def test_what_was_loaded_is_what_the_catalogue_says(shop: Shop) -> None:
    products = PRODUCTS[8:12]
    load(shop, products)
    for product in products:
        shown = shop.get(f"/products/{product.slug}")
        asked = product.request(shown["category"]["id"])
        assert {name: shown[name] for name in asked if name != "category_id"} == {
            name: value for name, value in asked.items() if name != "category_id"
        }
        assert shown["category"]["slug"] == product.category
        for image, picture in zip(shown["images"], pictures_of(product), strict=True):
            assert (image["width"], image["height"]) == picture.size
            assert image["alt_text"] == picture.alt_text
            web = Image.open(BytesIO(requests.get(image["url"], timeout=10).content))
            thumbnail = requests.get(image["thumbnail_url"], timeout=10).content
            assert max(web.size) == 1024
            assert web.width > web.height
            assert Image.open(BytesIO(thumbnail)).size == (300, 300)


def test_a_lost_picture_is_brought_again_and_only_that(shop: Shop) -> None:
    product = next(p for p in PRODUCTS[12:] if len(pictures_of(p)) == 3)
    load(shop, [product])
    path = f"/products/{shop.get(f'/products/{product.slug}')['id']}/images"
    before = shop.get(path)["images"]
    shop.delete(f"{path}/{before[0]['id']}")
    load(shop, [product])
    after = shop.get(path)["images"]
    assert sorted(i["filename"] for i in after) == sorted(planned([product])[product.sku])
    assert {image["id"] for image in after} >= {image["id"] for image in before[1:]}


def test_a_wrong_password_is_one_line_and_status_1(live_shop: LiveShop) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devstack.demo"],
        env=environment(live_shop, OWNER_PASSWORD="not the password"),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 1
    assert done.stderr == f"demo shop: wrong e-mail or password for {live_shop.owner_email}\n"


def test_a_sku_that_somebody_else_took_is_told(shop: Shop) -> None:
    """Not by a second product under another name."""
    product = PRODUCTS[-1]
    shop.post("/products", {"name": "Mine", "price": 1_000, "stock": 1, "sku": product.sku})
    with pytest.raises(ShopError, match=f"GET /products/{product.slug}: 404"):
        load(shop, [product])
