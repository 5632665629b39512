#!/bin/sh
# Finds a Python that can make .venv and lets devstack/install.py do the rest.
# Usage: install.sh [PYTHON]
set -eu

can_make_venv='
import sys
if sys.version_info < (3, 11):
    sys.exit(1)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(2)
'
without_venv=

if [ $# -eq 0 ]; then
    set -- python3.13 python3.12 python3.11 python3.14 python3
fi
for python in "$@"; do
    status=0
    "$python" -c "$can_make_venv" 2>/dev/null || status=$?
    if [ "$status" -eq 0 ]; then
        exec "$python" "$(dirname "$0")/install.py"
    elif [ "$status" -eq 2 ] && [ -z "$without_venv" ]; then
        without_venv=$python
    fi
done

if [ -n "$without_venv" ]; then
    echo "$without_venv lacks the modules venv and ensurepip; on Debian and Ubuntu: apt install $without_venv-venv" >&2
else
    echo "Python 3.11 or newer is needed, and none of these is: $*; see https://www.python.org/downloads/" >&2
fi
exit 1
