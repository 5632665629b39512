"""Makes `.venv` and installs the pinned requirements there, unless that was done already.

Run as a script by any Python from 3.11 on, so it needs the standard library only.
"""

import fcntl
import hashlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed-requirements.sha256"
REQUIREMENTS = PROJECT / "requirements-dev.txt"

# A person's settings for installing elsewhere than into a virtual environment.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH")
_HAS_PIP = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
_LINES_SHOWN_ON_FAILURE = 12
_PROGRESS_EVERY = 10


def main() -> int:
    # One at a time: `make run` and `make test` may both find an empty folder.
    folder = os.open(PROJECT, os.O_RDONLY)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another `make` that installs here", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        return _install_if_needed()
    except KeyboardInterrupt:
        print("\nstopped before everything was installed", file=sys.stderr)
        return 130
    finally:
        os.close(folder)


def _install_if_needed() -> int:
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    is_installed = STAMP.exists() and STAMP.read_text(encoding="ascii") == wanted
    if is_installed and _runs("-S", "-c", ""):
        return 0
    if not _runs("-c", _HAS_PIP):
        print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
        made = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        if made != 0:
            return made
    installed = _install_requirements()
    if installed == 0:
        STAMP.write_text(wanted, encoding="ascii")
    return installed


def _runs(*arguments: str) -> bool:
    """Whether `.venv` has a Python that does this successfully."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, *arguments], capture_output=True, check=False).returncode == 0


def _install_requirements() -> int:
    total = len(re.findall(r"^[\w.-]+==", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE))
    print(f"Installing {total} packages into .venv", flush=True)
    progress = Progress(total)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    return _run([*pip, "--requirement", str(REQUIREMENTS)], progress)


def _run(command: list[str], progress: "Progress | None" = None) -> int:
    """Run a command quietly; when it fails, show the end of what it said."""
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    environment["PIP_USER"] = "0"
    said: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        try:
            for line in process.stdout or ():
                said.append(line)
                if progress:
                    progress.read(line)
        except KeyboardInterrupt:
            process.terminate()
            raise
    if progress:
        progress.end()
    if process.returncode != 0:
        print("".join(said[-_LINES_SHOWN_ON_FAILURE:]), end="", file=sys.stderr)
        print(f"could not install: `{' '.join(command[1:4])}` failed, see above", file=sys.stderr)
    return process.returncode


class Progress:
    """Counts the packages that pip looks at: a moving line on a terminal, a few lines elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._seen: set[str] = set()
        self._is_terminal = sys.stdout.isatty()

    def read(self, line: str) -> None:
        """Take notice of one line of pip's output."""
        found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if found and found[1] not in self._seen:
            self._seen.add(found[1])
            self._show(f"{len(self._seen)}/{self._total} {found[1]}")
        elif line.startswith("Installing collected packages"):
            self._show(f"{self._total}/{self._total} downloaded, unpacking")

    def end(self) -> None:
        if self._is_terminal:
            print("\r\033[K", end="", flush=True)

    def _show(self, text: str) -> None:
        if self._is_terminal:
            print(f"\r\033[K  {text}", end="", flush=True)
        elif len(self._seen) % _PROGRESS_EVERY == 0:
            print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
