"""What can go wrong with orders."""

from diecast_api.errors import Conflict


class CartEmpty(Conflict):
    """There is nothing to order."""

    code = "cart_empty"


class InvalidTransition(Conflict):
    """The order cannot move there; `allowed` lists where staff may move it now."""

    code = "invalid_transition"


class OrderNotCancelable(Conflict):
    """The order is past the point of canceling; `order_status` says where it is."""

    code = "order_not_cancelable"
