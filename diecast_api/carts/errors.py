"""What can go wrong with carts."""

from diecast_api.errors import Conflict


class CartFull(Conflict):
    """The cart holds `limit` different products already."""

    code = "cart_full"
