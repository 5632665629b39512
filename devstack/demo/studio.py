"""The processes that draw, beside the ones of the shop."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor


def open_studio() -> ProcessPoolExecutor:
    """Drawing processes, one to a core."""
    return ProcessPoolExecutor(
        max_workers=min(os.cpu_count() or 1, 4),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_settle,
    )


def _settle() -> None:
    """Leave the interrupt key to the loader, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_loader, daemon=True).start()


def _end_with_the_loader() -> None:
    loader = multiprocessing.parent_process()
    if loader is not None:
        loader.join()
        os._exit(1)
