"""Puts a program on a leash and becomes it (`exec`): run as a script by `devstack.processes`.

    python -I -S leash.py SIGNAL USER COMMAND [ARGUMENT...]

SIGNAL is the number of the signal that the program gets when its starter dies, however it dies.
USER is `-` (stay who you are) or `UID:GID[:reads-all]`, the one to become for a program that
refuses root; with `reads-all` it keeps one right of root's, to read files and to pass through
folders that are closed to others, for a project below a 0700 home.

A script of its own because this must happen between fork and exec, and Python code run there in a
process with threads may hang (`preexec_fn`). Where there is no Linux it only changes the user.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _reading_right() -> int:
    """The weakest right at hand that opens closed folders; containers often lack the first."""
    with open("/proc/self/status", encoding="ascii") as status:
        held = next(int(line.split()[1], 16) for line in status if line.startswith("CapPrm:"))
    for right in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        if held >> right & 1:
            return right
    raise PermissionError("no right to pass through closed folders")


def _keep_only(right: int) -> None:
    """Give up every right of root's but one, and let that one survive `exec`."""
    mask = 1 << right
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _call("capset", ctypes.byref(header), ctypes.byref(sets))
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, right, 0, 0)


def _become(uid: int, gid: int, *, reads_all: bool) -> None:
    right = _reading_right() if reads_all else None
    if right is not None:
        _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if right is not None:
        _keep_only(right)


def _hear_signals() -> None:
    """Undo what the starter, or a shell's `&`, made it inherit: ignored and blocked signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def main(signal_number: str, user: str, *command: str) -> None:
    if user != "-":
        uid, gid, *rights = user.split(":")
        _become(int(uid), int(gid), reads_all="reads-all" in rights)
    if sys.platform == "linux":  # after the change of user, which would undo it
        _call("prctl", _PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    _hear_signals()
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
