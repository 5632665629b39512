"""What can go wrong with stock."""

from diecast_api.errors import Conflict


class OutOfStock(Conflict):
    """Less is left than was asked for; `items` lists `{product_id, requested, available}`."""

    code = "out_of_stock"


class InsufficientStock(Conflict):
    """A correction would take more than there is; `available` says how much that is."""

    code = "insufficient_stock"
