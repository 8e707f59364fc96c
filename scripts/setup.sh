#!/bin/sh
# Makes .venv from requirements.lock, and gets what the tests need of the system if that is permitted.
set -eu
PYTHON="${PYTHON:-python3}"

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Chimera needs Python 3.11 or newer; '$PYTHON' is older. Try: make setup PYTHON=python3.11" >&2
    exit 2
}
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv || {
    echo "Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 2
}
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
if ls locales/*/LC_MESSAGES/*.po >/dev/null 2>&1; then
    .venv/bin/pybabel -q compile -d locales -D chimera
fi
sh scripts/system.sh
