"""The documentation pages, with the network cut off except to us."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route

from tests.support.live import LiveShop


@pytest.fixture
def cut_off(page: Page, live_shop: LiveShop) -> Iterator[Page]:
    """Refuse every request that leaves for somebody else; there must be none."""
    strangers: list[str] = []

    def guard(route: Route) -> None:
        if route.request.url.startswith((live_shop.url, "data:", "blob:")):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    page.route("**/*", guard)
    yield page
    assert strangers == []


def test_swagger_ui_creates_a_product(cut_off: Page, live_shop: LiveShop) -> None:
    page, owner = cut_off, live_shop.owner()
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{live_shop.url}/docs")

    page.locator(".auth-wrapper .authorize").first.click()
    dialog = page.locator(".dialog-ux")
    bearer = dialog.locator(".auth-container", has_text="bearer")
    bearer.locator("input").fill(owner.access_token)
    bearer.locator("button[type=submit]").click()
    dialog.locator("button.btn-done").first.click()

    sku = f"DOCS-{uuid4().hex[:8]}"
    operation = page.locator("#operations-products-createProduct")
    operation.locator("button.opblock-summary-control").click()
    operation.locator("button.try-out__btn").click()
    body = f'{{"name": "Tomica Nissan Skyline", "price": 65000, "stock": 3, "sku": "{sku}"}}'
    operation.locator("textarea.body-param__text").fill(body)
    operation.locator("button.execute").click()
    status = operation.locator(".live-responses-table .response-col_status").last
    assert status.inner_text().startswith("201")

    found = owner.get("/products?q=Skyline&per_page=100")["items"]
    assert sku in {product["sku"] for product in found}


def test_redoc_renders(cut_off: Page, live_shop: LiveShop) -> None:
    cut_off.set_viewport_size({"width": 1280, "height": 1000})
    cut_off.goto(f"{live_shop.url}/redoc")
    cut_off.locator("h1", has_text="Diecast API").wait_for()
    cut_off.locator("[role=menuitem]", has_text="Place an order").first.wait_for(state="attached")
