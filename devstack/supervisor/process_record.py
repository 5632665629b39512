"""Every process of a run, on record, so that the next run can end what a killed one left."""

import time
from collections.abc import Iterable
from pathlib import Path

from devstack import process_table
from devstack.errors import DevstackError
from devstack.files import read_json, write_json
from devstack.process_table import Row

_GRACE_SECONDS = 2.0
_GIVE_UP_SECONDS = 10.0
_POLL_SECONDS = 0.05


class ProcessRecord:
    """The file that names the processes of the run that uses a data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: dict[int, int] = {}

    def note(self, pids: Iterable[int]) -> None:
        """Put processes that lead sessions of their own on record, unless they are."""
        new = [row for pid in pids if pid not in self._started and (row := process_table.read(pid))]
        if new:
            self._started |= {row.pid: row.started for row in new}
            write_json(self._path, {"boot": process_table.boot_id(), "leaders": self._started})

    def remove(self) -> None:
        """To be called when nothing runs any more."""
        self._path.unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """End what the last run left running; the names of those processes.

        They were sent their stop signal when that run was killed, and get a moment to obey it.
        DevstackError when they resist.
        """
        leftovers = self._leftovers()
        names = sorted({row.name for row in leftovers})
        began = time.monotonic()
        while leftovers:
            if time.monotonic() > began + _GIVE_UP_SECONDS:
                pids = ", ".join(str(row.pid) for row in leftovers)
                raise DevstackError(f"processes of the last run cannot be ended: {pids}")
            if time.monotonic() > began + _GRACE_SECONDS:
                for row in leftovers:
                    process_table.kill(row.pid)
            time.sleep(_POLL_SECONDS)
            leftovers = self._leftovers()
        self.remove()
        return names

    def _leftovers(self) -> list[Row]:
        record = read_json(self._path)
        leaders = record.get("leaders")
        if not isinstance(leaders, dict) or record.get("boot") != process_table.boot_id():
            return []
        table = [row for row in process_table.rows() if row.is_alive]
        now = {row.pid: row.started for row in table}
        # A session's number is not given away while it has members; a leader of another age
        # is a stranger that was given the number after all of ours had gone.
        ours = {int(pid): age for pid, age in leaders.items() if now.get(int(pid), age) == age}
        members = [row for row in table if row.session in ours and row.started >= ours[row.session]]
        offspring = process_table.below({row.pid for row in members}, table)
        return list({row.pid: row for row in [*members, *offspring]}.values())
