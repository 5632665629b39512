"""Pictures through Gunicorn, Redis and a real worker."""

from __future__ import annotations

import io
import signal
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from celery import Celery
from PIL import Image

from diecast_api import task_names
from tests.catalog.pictures import bomb, corners, encoded, four_corners, opened
from tests.support.live import LiveShop, Visitor, wait_until


def send(owner: Visitor, product: dict[str, Any], *files: bytes) -> requests.Response:
    """Upload files to a product."""
    named = [("files", (f"{n}.bin", io.BytesIO(content))) for n, content in enumerate(files)]
    return owner.call("POST", f"/products/{product['id']}/images", files=named)


def ready_images(owner: Visitor, product: dict[str, Any]) -> list[dict[str, Any]]:
    """Wait until every image of a product is ready."""

    def all_ready() -> list[dict[str, Any]] | None:
        images: list[dict[str, Any]] = owner.get(f"/products/{product['id']}/images")["images"]
        return images if {image["status"] for image in images} == {"ready"} else None

    return wait_until(all_ready, "every image is ready")


def test_each_format_is_rendered_by_the_worker(live_shop: LiveShop) -> None:
    owner, product = live_shop.owner(), live_shop.product()
    picture = four_corners((1200, 800))
    files = [encoded(picture, kind) for kind in ("JPEG", "PNG", "WEBP")]
    assert send(owner, product, *files).status_code == 201
    for image in ready_images(owner, product):
        for address, size in ((image["url"], (1024, 683)), (image["thumbnail_url"], (300, 300))):
            rendition = opened(requests.get(address, timeout=10).content)
            assert (rendition.format, rendition.size) == ("WEBP", size)
            assert corners(rendition) == ["red", "green", "blue", "white"]


def test_a_bomb_leaves_memory_flat(live_shop: LiveShop) -> None:
    owner, product = live_shop.owner(), live_shop.product()
    send(owner, product, encoded(four_corners()))
    ready_images(owner, product)
    processes = live_shop.pids("api") + live_shop.pids("worker")
    before = {pid: peak_megabytes(pid) for pid in processes}
    refusals = [send(owner, product, bomb()) for _ in range(3)]
    for refused in refusals:
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_image")
    assert min(refused.elapsed.total_seconds() for refused in refusals) < 1
    for pid in processes:
        assert peak_megabytes(pid) - before[pid] < 40  # its pixels are 432
    assert len(owner.get(f"/products/{product['id']}/images")["images"]) == 1


def peak_megabytes(pid: int) -> int:
    """The most memory that a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024


def test_a_worker_that_dies_at_work_heals(live_shop: LiveShop, live_database: sa.Engine) -> None:
    owner, product = live_shop.owner(), live_shop.product()
    large = encoded(Image.effect_noise((2400, 1800), 40).convert("RGB"), "PNG")
    assert send(owner, product, large, large, large).status_code == 201
    live_shop.stop("worker", how=signal.SIGKILL)
    live_shop.start("worker")
    sweep(live_shop, live_database)
    assert len(ready_images(owner, product)) == 3


def sweep(live_shop: LiveShop, live_database: sa.Engine) -> None:
    """Let time pass, and beat come to the images."""
    with live_database.begin() as connection:
        connection.execute(
            sa.text("UPDATE product_images SET updated_at = updated_at - interval '1 hour'")
        )
    with Celery(broker=live_shop.environment["REDIS_URL"]) as sender:
        sender.send_task(
            task_names.SWEEP_IMAGES, queue=task_names.QUEUE_OF[task_names.SWEEP_IMAGES]
        )
