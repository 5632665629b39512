"""`python -m devstack.demo.contact_sheet FILE`: a dozen of the demo's cars in one PNG picture."""

import sys
from dataclasses import replace

from PIL import Image, ImageDraw

from devstack.demo.catalogue import PRODUCTS, Product
from devstack.demo.drawing.camera import Point3, hull
from devstack.demo.drawing.paint import soft_mask, vertical_gradient
from devstack.demo.drawing.scenes import Label, standing, view_camera

_COLUMNS, _ROWS = 4, 3
_TILE = (580, 326)
"""Twice the size of the finished picture's: so small, the cars need one more halving."""
_SHOWN = (
    "MGT-00772",
    "TW-T64-088",
    "SOL-18-0301",
    "GL-41110-GM",
    "GL-46120-C",
    "AA-18-79166",
    "HW-B-1060",
    "TMC-078",
    "TW-T64-062",
    "HW-B-1047",
    "MJR-CTY-301",
    "HW-P-2214",
)


def contact_sheet() -> Image.Image:
    """The cars in rows on a bright table."""
    size = (_COLUMNS * _TILE[0], _ROWS * _TILE[1])
    sheet = vertical_gradient(size, [(0, (243, 245, 248)), (size[1], (226, 231, 237))])
    products = {product.sku: product for product in PRODUCTS}
    for index, sku in enumerate(_SHOWN):
        row, column = divmod(index, _COLUMNS)
        _put(sheet, products[sku], (column * _TILE[0], row * _TILE[1]))
    return sheet.reduce(2)


def _put(sheet: Image.Image, product: Product, corner: tuple[int, int]) -> None:
    body, half = product.look.body, product.look.body.width / 2
    room = (round(_TILE[0] * 1.24), round(_TILE[1] * 1.24))
    camera = view_camera(product.look, room, yaw=34, pitch=13)
    camera = replace(camera, centre=(corner[0] + _TILE[0] * 0.5, corner[1] + _TILE[1] * 0.55))
    label = Label(product.maker, product.model, product.series, product.scale)
    car, place = standing(product.look, camera, None, label)
    foot: list[Point3] = [(x, 0.0, z) for x in (0.5, body.length - 0.5) for z in (-half, half)]
    outline = hull(camera.path(foot))

    def shadow(draw: ImageDraw.ImageDraw) -> None:
        draw.polygon(outline, fill=150)

    sheet.paste((30, 34, 42), mask=soft_mask(sheet.size, 10, shadow))
    sheet.paste(car, place, car)


if __name__ == "__main__":
    contact_sheet().save(sys.argv[1], "PNG", optimize=True)
