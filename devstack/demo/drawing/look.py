"""How one model of a body is finished: paint, livery and wheels."""

from dataclasses import dataclass
from typing import Literal

from devstack.demo.drawing.body import Body

Livery = Literal[
    "plain", "two_tone", "roof", "stripes", "swoosh", "race", "flames", "patrol", "wood", "band"
]
Rims = Literal["five", "six", "mesh", "multi", "split", "petal", "steel", "dish"]


@dataclass(frozen=True)
class Look:
    """One finish; colours are `#rrggbb`, `number` is the race number on the door, if any."""

    body: Body
    paint: str
    accent: str = "#f2f2ee"
    livery: Livery = "plain"
    number: str = ""
    rims: Rims = "five"
    rim_paint: str = "#c9ccd1"
