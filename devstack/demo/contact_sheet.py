"""`python -m devstack.demo.contact_sheet FILE`: a dozen of the demo's cars in one PNG picture."""

import sys
from dataclasses import replace

from PIL import Image

from devstack.demo.catalogue import PRODUCTS, Product
from devstack.demo.drawing.paint import vertical_gradient
from devstack.demo.drawing.scenes import stand, view_camera

_COLUMNS, _ROWS = 4, 3
_TILE = (1200, 672)
"""Four times the size of the finished picture's."""
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
    return sheet.reduce(4)


def _put(sheet: Image.Image, product: Product, corner: tuple[int, int]) -> None:
    room = (round(_TILE[0] * 1.24), round(_TILE[1] * 1.24))
    middle = (corner[0] + _TILE[0] * 0.5, corner[1] + _TILE[1] * 0.55)
    camera = view_camera(product.look, room, yaw=34, pitch=13)
    stand(sheet, product.look, replace(camera, centre=middle))


if __name__ == "__main__":
    contact_sheet().save(sys.argv[1], "PNG", optimize=True)
