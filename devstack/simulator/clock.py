"""Time as Midtrans tells it, and the threads that act when a moment has come."""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

WIB = timezone(timedelta(hours=7), "WIB")
MINUTE, HOUR, DAY = 60, 3600, 86400
_UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY}
_START_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}")


def now() -> float:
    """Seconds since 1970, UTC."""
    return time.time()


def wib(moment: float) -> str:
    """`YYYY-MM-DD HH:MM:SS` in GMT+7 and without a zone, as every Midtrans time is written."""
    return datetime.fromtimestamp(moment, WIB).strftime("%Y-%m-%d %H:%M:%S")


def iso(moment: float) -> str:
    """RFC 3339 with milliseconds, as a canceled Snap session answers."""
    written = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def next_settlement_run(moment: float) -> float:
    """16:00 WIB of the next day: when cards settle and challenges nobody answered are denied."""
    tomorrow = datetime.fromtimestamp(moment, WIB) + timedelta(days=1)
    return tomorrow.replace(hour=16, minute=0, second=0, microsecond=0).timestamp()


def parse_start_time(text: object) -> float:
    """The moment of `expiry.start_time`, `yyyy-MM-dd HH:mm:ss Z`; raises `ValueError`."""
    if not isinstance(text, str) or not _START_TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").timestamp()


def parse_duration(period: dict[str, Any]) -> float:
    """The seconds of `{"duration": 2, "unit": "hours"}`; raises `ValueError`."""
    duration, unit = period.get("duration"), period.get("unit")
    if type(duration) is not int or duration < 1 or not isinstance(unit, str):
        raise ValueError(period)
    seconds = _UNITS.get(unit.removesuffix("s"))
    if seconds is None:
        raise ValueError(period)
    return float(duration * seconds)


class Repeater:
    """A daemon thread: does `work`, sleeps the seconds it returned or until nudged, and again."""

    LONGEST_SLEEP = 30.0

    def __init__(self, name: str, work: Callable[[], float | None]) -> None:
        self._work = work
        self._nudged = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """Have the work looked at now."""
        self._nudged.set()

    def stop(self) -> None:
        self._stopping = True
        self.nudge()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._stopping:
            self._nudged.clear()
            pause = self._work()
            self._nudged.wait(
                self.LONGEST_SLEEP if pause is None else min(pause, self.LONGEST_SLEEP)
            )
