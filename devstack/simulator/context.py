"""The parts of one running simulator, and how a request gets at them."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from devstack.simulator.answers import Answers
from devstack.simulator.config import Options, Settings
from devstack.simulator.gateway import Gateway
from devstack.simulator.mischief import MischiefBook
from devstack.simulator.notifications import Courier
from devstack.simulator.outages import Outages
from devstack.simulator.store import Store

EXTENSION = "midtrans_simulator"


@dataclass(frozen=True)
class Parts:
    """Everything the routes work with."""

    options: Options
    store: Store
    mischief: MischiefBook
    courier: Courier
    gateway: Gateway
    outages: Outages
    answers: Answers

    def start(self) -> None:
        """Start the clock and the courier; both go on where an earlier process stopped."""
        self.gateway.clock.start()
        self.courier.start()

    def stop(self) -> None:
        self.gateway.clock.stop()
        self.courier.stop()


def assemble(settings: Settings) -> Parts:
    """Build the parts on the memory in `settings.data`."""
    options = Options(settings)
    store = Store(settings.data)
    mischief = MischiefBook(store)
    courier = Courier(store, options, mischief)
    outages = Outages()
    return Parts(
        options=options,
        store=store,
        mischief=mischief,
        courier=courier,
        gateway=Gateway(store, courier, mischief, options),
        outages=outages,
        answers=Answers(store, outages, options),
    )


def parts() -> Parts:
    """The parts of the application that handles this request."""
    return cast(Parts, current_app.extensions[EXTENSION])


def is_authorized(username: str | None, password: str | None) -> bool:
    """Basic auth as Midtrans wants it: the server key as user, no password."""
    return username == parts().options.now.server_key and not password
