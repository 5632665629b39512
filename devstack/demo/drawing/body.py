"""What a car body is made of, before any paint."""

from dataclasses import dataclass
from functools import cached_property

from devstack.demo.drawing.geometry import Path, Point, spline

Patch = tuple[float, float, float, float]
"""A rectangle on the nose or tail: from the middle (0) to the side (1), and its heights."""


@dataclass(frozen=True)
class End:
    """The lamps and openings of a nose or a tail; patches are mirrored to the other side."""

    lamps: tuple[Patch, ...]
    openings: tuple[Patch, ...] = ()
    round_lamps: bool = False


@dataclass(frozen=True)
class Body:
    """A body seen from its left side, in decimetres of the real car: nose at x = 0, road at y = 0.

    The seven curves run one after the other along the middle of the car, from the lip below the
    nose over the roof to the lip below the tail; each starts where the one before it ends.
    """

    length: float
    width: float
    nose: Path
    hood: Path
    windshield: Path
    roof: Path
    rear_glass: Path
    deck: Path
    tail: Path
    sill: float
    belt: float
    axles: tuple[float, float]
    wheel: float
    windows: tuple[Path, ...]
    doors: tuple[Path, ...]
    handles: tuple[Point, ...]
    crease: Path
    head_lamp: Path
    tail_lamp: Path
    front: End
    rear: End
    mirror: Point | None = None
    tumblehome: float = 0.8
    cladding: bool = False
    wing: bool = False
    chrome: bool = False
    bed: tuple[float, float] | None = None

    @cached_property
    def curves(self) -> dict[str, list[Point]]:
        """Each of the seven curves, smoothed and joined to the one before it."""
        names = ("nose", "hood", "windshield", "roof", "rear_glass", "deck", "tail")
        ends: list[Path] = [getattr(self, name) for name in names]
        smooth: dict[str, list[Point]] = {}
        for index, name in enumerate(names):
            start = [ends[index - 1][-1]] if index else []
            before = after = None
            if name in ("windshield", "roof"):
                after = ends[index + 1][0]
            if name in ("roof", "rear_glass"):
                before = [*ends[index - 2], *ends[index - 1]][-2]
            smooth[name] = spline([*start, *ends[index]], before=before, after=after)
        return smooth

    @cached_property
    def outline(self) -> list[Point]:
        """The whole upper outline, from the lip below the nose to the one below the tail."""
        outline: list[Point] = []
        for curve in self.curves.values():
            outline.extend(curve if not outline else curve[1:])
        return outline

    @cached_property
    def height(self) -> float:
        """The highest point of the roof."""
        return max(y for _, y in self.outline)
