"""A picture that looks like a QR code. It cannot be scanned: there is nothing to pay with it."""

import hashlib
from collections.abc import Iterator

SIZE = 25
_FINDER = 7


def drawn(text: str) -> str:
    """SVG, always the same for the same text."""
    cells = "".join(f"M{x} {y}h1v1h-1z" for x, y in _dark_cells(text))
    return (
        f'<svg viewBox="-2 -2 {SIZE + 4} {SIZE + 4}" role="img" aria-label="Simulated QR code">'
        f'<rect x="-2" y="-2" width="100%" height="100%" fill="#fff"/>'
        f'<path d="{cells}" fill="#111"/></svg>'
    )


def _dark_cells(text: str) -> Iterator[tuple[int, int]]:
    noise = hashlib.shake_256(text.encode()).digest(SIZE * SIZE)
    for y in range(SIZE):
        for x in range(SIZE):
            in_finder = _in_finder(x, y)
            if in_finder if in_finder is not None else noise[y * SIZE + x] % 2:
                yield x, y


def _in_finder(x: int, y: int) -> bool | None:
    """Whether a cell of one of the three corner squares is dark; None outside of them."""
    for left, top in ((0, 0), (SIZE - _FINDER, 0), (0, SIZE - _FINDER)):
        dx, dy = abs(x - left - 3), abs(y - top - 3)
        ring = max(dx, dy)
        if ring <= 3:
            return ring != 2
        if ring == 4:
            return False
    return None
