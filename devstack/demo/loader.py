"""Brings the demo catalogue into a shop.

Every step first looks at what is there and then adds what is missing, so it may be repeated, and a
run that was cut short is completed by the next one.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from devstack.demo.catalogue import CATEGORIES, PRODUCTS, Category, Product
from devstack.demo.client import Refused, Shop, ShopError
from devstack.demo.pictures import draw, pictures_of
from devstack.demo.progress import Progress
from devstack.demo.studio import open_studio

_PORTERS = 4
"""Products brought in at the same time; each waits for its drawings most of the while."""
_POLL_SECONDS = 0.25
_STUCK_SECONDS = 90.0


def load(shop: Shop, products: Sequence[Product] = PRODUCTS) -> None:
    """Fill the shop and wait until the worker has made every picture ready.

    Raises `ShopError` when the shop refuses something, stays away for a minute, or a picture fails.
    """
    shop.patiently(shop.sign_in)
    shelves = _put_up_shelves(shop)
    product_ids = _bring_in(shop, products, shelves)
    _await_renditions(shop, product_ids)


def _put_up_shelves(shop: Shop) -> dict[str, str]:
    """The ids of all categories by their slugs, the missing ones made."""
    shelves: dict[str, str] = {}
    for position, category in enumerate(CATEGORIES):
        shelves[category.slug] = shop.patiently(_put_up, shop, category, position, shelves)
    return shelves


def _put_up(shop: Shop, category: Category, position: int, shelves: dict[str, str]) -> str:
    there = _found(shop, f"/categories/{category.slug}")
    if there is None:
        there = shop.post(
            "/categories",
            {
                "name": category.name,
                "slug": category.slug,
                "description": category.description,
                "parent_id": shelves[category.parent] if category.parent else None,
                "position": position,
            },
        )
    return str(there["id"])


def _bring_in(
    shop: Shop, products: Sequence[Product], shelves: dict[str, str]
) -> dict[str, Product]:
    """Every product with all of its pictures; the products by their ids."""
    known = shop.patiently(_known_products, shop)
    progress = Progress("Products and their pictures", len(products))
    brought: dict[str, Product] = {}
    with open_studio() as studio, ThreadPoolExecutor(_PORTERS) as porters:
        errands = {
            porters.submit(_bring, shop, product, shelves[product.category], known, studio): product
            for product in products
        }
        try:
            for errand in as_completed(errands):
                brought[errand.result()] = errands[errand]
                progress.advance()
        except BrokenProcessPool as problem:
            raise ShopError("a drawing process was ended; run it again to go on") from problem
        finally:
            porters.shutdown(wait=False, cancel_futures=True)
    return brought


def _known_products(shop: Shop) -> dict[str, str]:
    """The ids of the products in the shop window by their slugs."""
    known: dict[str, str] = {}
    page: int | None = 1
    while page is not None:
        listing = shop.get("/products", page=page, per_page=100)
        known |= {item["slug"]: item["id"] for item in listing["items"]}
        page = page + 1 if page < listing["pagination"]["pages"] else None
    return known


def _bring(
    shop: Shop, product: Product, shelf: str, known: dict[str, str], studio: Executor
) -> str:
    """The product's id, once it is there with its pictures."""
    product_id = known.get(product.slug) or shop.patiently(_enter, shop, product, shelf)
    shop.patiently(_hang_pictures, shop, product, product_id, studio)
    return product_id


def _enter(shop: Shop, product: Product, shelf: str) -> str:
    try:
        entered = shop.post("/products", product.request(shelf))
    except Refused as problem:
        if problem.code != "sku_taken":
            raise
        entered = shop.get(f"/products/{product.slug}")
    return str(entered["id"])


def _hang_pictures(shop: Shop, product: Product, product_id: str, studio: Executor) -> None:
    path = f"/products/{product_id}/images"
    hanging: dict[str, Any] = {}
    for image in shop.get(path)["images"]:
        if image["status"] == "failed":
            shop.delete(f"{path}/{image['id']}")
        else:
            hanging[image["filename"]] = image
    pictures = pictures_of(product)
    missing = [picture for picture in pictures if picture.filename not in hanging]
    if missing:
        drawn = zip(missing, studio.map(draw, missing), strict=True)
        files = [(picture.filename, file, picture.media_type) for picture, file in drawn]
        uploaded = shop.upload(path, "files", files)["images"]
        hanging |= {image["filename"]: image for image in uploaded}
    for picture in pictures:
        image = hanging[picture.filename]
        if image["alt_text"] is None:
            shop.patch(f"{path}/{image['id']}", {"alt_text": picture.alt_text})


def _found(shop: Shop, path: str) -> Any:
    """What lies at a path, or None."""
    try:
        return shop.get(path)
    except Refused as problem:
        if problem.status == 404:
            return None
        raise


def _await_renditions(shop: Shop, products: dict[str, Product]) -> None:
    """Wait for the worker, one product after the other, as long as it makes headway."""
    wanted = sum(len(pictures_of(product)) for product in products.values())
    progress = Progress("Pictures ready", wanted)
    failed: list[str] = []
    last_news = time.monotonic()
    for product_id in products:
        done = 0
        while True:
            images = shop.patiently(shop.get, f"/products/{product_id}/images")["images"]
            processing = [image for image in images if image["status"] == "processing"]
            settled = len(images) - len(processing)
            if settled > done:
                progress.advance(settled - done)
                done, last_news = settled, time.monotonic()
            if not processing:
                failed += [i["filename"] for i in images if i["status"] == "failed"]
                break
            if time.monotonic() - last_news > _STUCK_SECONDS:
                raise ShopError(
                    f"{processing[0]['filename']} is not ready after {_STUCK_SECONDS:.0f} s; "
                    "is the worker running?"
                )
            time.sleep(_POLL_SECONDS)
    if failed:
        raise ShopError(f"the worker could not make {len(failed)} pictures: {', '.join(failed)}")
