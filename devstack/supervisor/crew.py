"""The processes of one run: started, watched and stopped together."""

import time
from collections.abc import Callable, Sequence

from devstack.processes import Process, do_nothing, run_to_end
from devstack.supervisor import orphans
from devstack.supervisor.process_record import ProcessRecord
from devstack.supervisor.stop_signals import StopSignals

_POLL_SECONDS = 0.02
_STEP_SECONDS = 120.0


class Crew:
    """Members run until they are stopped; one that ends by itself is a failure."""

    def __init__(self, signals: StopSignals, record: ProcessRecord) -> None:
        self._signals = signals
        self._record = record
        self._members: list[Process] = []
        self._steps: Sequence[Process] = ()
        orphans.adopt_from_now_on()

    @property
    def pids(self) -> dict[str, int]:
        """The members' process numbers by name."""
        return {member.name: member.pid for member in self._members}

    def start(self, process: Process) -> None:
        """Start a new member."""
        process.start()
        self.enlist(process)

    def enlist(self, process: Process) -> None:
        """Take in a new member that somebody else has just started."""
        self._members.append(process)
        self._note()

    def run(
        self,
        steps: Sequence[Process],
        *,
        seconds: float = _STEP_SECONDS,
        meanwhile: Callable[[], None] = do_nothing,
    ) -> None:
        """Run programs that do one thing, side by side, to their ends.

        DevstackError when one fails, or a member does; StopRequested when a stop is wished.
        """

        def look_around() -> None:
            meanwhile()
            self.check()

        self._steps = steps
        try:
            run_to_end(steps, seconds=seconds, meanwhile=look_around)
        finally:
            self._steps = ()

    def check(self) -> None:
        """StopRequested when a stop is wished, DevstackError when a member has ended."""
        self._note()
        self._signals.check()
        for member in self._members:
            if member.exit_code is not None:
                raise member.failure("ended unexpectedly")

    def _note(self) -> None:
        """Put whatever we have started on record, and bury what others have left to us."""
        started = [process.pid for process in (*self._members, *self._steps) if process.is_started]
        self._record.note(started)
        orphans.bury(own=started)

    def stop(self, order: Sequence[tuple[Sequence[str], float]], *, seconds: float) -> None:
        """Ask the members to end, those named in `order` first, then all the others.

        Each group has until so many seconds after the wish to stop, or from now when nobody wished
        it, the last group until `seconds`; and no time at all once the wish becomes urgent. Then
        whatever is left is ended by force.
        """
        began = self._signals.wished_at or time.monotonic()
        waiting = list(self._members)
        for names, limit in order:
            group = [member for member in waiting if member.name in names]
            waiting = [member for member in waiting if member not in group]
            self._stop_together(group, began + limit)
        self._stop_together(waiting, began + seconds)
        orphans.kill_all()
        self._members.clear()
        self._record.remove()

    def _stop_together(self, group: Sequence[Process], deadline: float) -> None:
        for member in group:
            member.request_stop()
        while any(member.exit_code is None for member in group):
            if self._signals.is_urgent or time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        for member in group:
            member.kill()
