"""What accounts tell to rooms up the stair, which they may not call.

Signals are sent inside the unit of work: what a listener writes is committed with the change, and a
listener that fails undoes it.
"""

from blinker import Signal

signed_in = Signal(
    "Sent by `User`, at registration too, with `user_id` and `cart_token` (what the caller sent as "
    "the token of a guest's cart, or None): the cart may now be taken over."
)
