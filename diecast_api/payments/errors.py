"""What can go wrong with payments."""

from diecast_api.errors import Conflict, Forbidden, Malformed


class OrderNotPayable(Conflict):
    """The order is not waiting for its payment any more; `order_status` says where it is."""

    code = "order_not_payable"


class MalformedNotification(Malformed):
    """A field of a notification is missing or of the wrong kind."""

    code = "malformed_notification"


class WrongSignature(Forbidden):
    """The notification is not signed with our server key."""

    code = "invalid_signature"
