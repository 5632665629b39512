"""What the catalogue tells to rooms up the stair, which it may not call.

Signals are sent inside the unit of work: what a listener writes is committed with the change, and a
listener that fails undoes it.
"""

from blinker import Signal

product_created = Signal(
    "Sent by `Product` with `product_id`, `initial_stock` (units) and `actor`: the stock of a new "
    "product is still to be written, by the room that owns stock."
)
