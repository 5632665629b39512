"""The shape of the catalogue's rows, and what the shop's API is told about each."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from devstack.demo.drawing.look import Look

Packaging = Literal["card", "box", "loose"]
Attribute = str | int | bool | list[str]

_SAME_NAME = (
    "sku",
    "slug",
    "name",
    "description",
    "price",
    "stock",
    "scale",
    "series",
    "marque",
    "model_year",
    "color",
    "material",
    "condition",
    "box_condition",
    "edition_size",
    "is_chase",
    "release_date",
    "weight_grams",
    "attributes",
)
"""Fields that the API calls as we do."""


@dataclass(frozen=True)
class Category:
    """A shelf of the shop; `parent` is another one's slug."""

    slug: str
    name: str
    description: str
    parent: str | None = None


@dataclass(frozen=True)
class Product:
    """One model car; prices in whole rupiah, weights in grams, `release_date` as YYYY-MM-DD."""

    sku: str
    maker: str
    model: str
    color: str
    marque: str
    series: str
    scale: str
    model_year: int
    price: int
    stock: int
    category: str
    release_date: str
    description: str
    look: Look
    packaging: Packaging
    material: str
    weight_grams: int
    attributes: dict[str, Attribute]
    edition_size: int | None = None
    is_chase: bool = False
    condition: Literal["new", "used"] = "new"
    box_condition: Literal["mint", "good", "damaged", "none"] = "mint"

    @property
    def name(self) -> str:
        """What the shop calls it."""
        return f"{self.maker} {self.model} – {self.color}"

    @property
    def slug(self) -> str:
        """Its place in the shop's addresses: the name in plain small letters."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")

    def request(self, category_id: str) -> dict[str, object]:
        """The body of `POST /products`."""
        body = {name: getattr(self, name) for name in _SAME_NAME}
        return body | {"brand": self.maker, "category_id": category_id}


@dataclass(frozen=True)
class Line:
    """What all models of a maker's line have in common."""

    maker: str
    category: str
    scale: str
    packaging: Packaging
    weight_grams: int
    material: str = "Die-cast metal, plastic base"
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def model(
        self,
        sku: str,
        model: str,
        color: str,
        *,
        marque: str,
        series: str,
        year: int,
        price: int,
        stock: int,
        released: str,
        look: Look,
        about: str,
        category: str | None = None,
        weight_grams: int | None = None,
        edition_size: int | None = None,
        is_chase: bool = False,
        condition: Literal["new", "used"] = "new",
        box_condition: Literal["mint", "good", "damaged", "none"] = "mint",
        **extra: Attribute,
    ) -> Product:
        """A model of this line; `extra` joins the line's own attributes."""
        return Product(
            sku=sku,
            maker=self.maker,
            model=model,
            color=color,
            marque=marque,
            series=series,
            scale=self.scale,
            model_year=year,
            price=price,
            stock=stock,
            category=category or self.category,
            release_date=released,
            description=about,
            look=look,
            packaging="loose" if box_condition == "none" else self.packaging,
            material=self.material,
            weight_grams=weight_grams or self.weight_grams,
            attributes=self.attributes | extra,
            edition_size=edition_size,
            is_chase=is_chase,
            condition=condition,
            box_condition=box_condition,
        )
