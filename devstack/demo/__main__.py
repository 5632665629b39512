"""`python -m devstack.demo`: fill a running shop with the demo catalogue.

Environment: `SHOP_API` (the shop's address, without `/api/v1`), `OWNER_EMAIL`, `OWNER_PASSWORD`.
Ends with 0 when everything is there, 1 after a problem, 2 when the environment is incomplete.
"""

import os
import signal
import sys

from devstack.demo.client import Shop, ShopError
from devstack.demo.loader import load

_NEEDED = ("SHOP_API", "OWNER_EMAIL", "OWNER_PASSWORD")


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is half done, the next run completes
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        return _complaint(f"set {', '.join(missing)}", 2)
    address, email, password = (os.environ[name] for name in _NEEDED)
    try:
        load(Shop(address, email=email, password=password))
    except ShopError as problem:
        return _complaint(str(problem), 1)
    return 0


def _complaint(words: str, status: int) -> int:
    print(f"demo shop: {words}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
