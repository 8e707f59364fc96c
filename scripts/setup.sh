#!/bin/sh
# Makes .venv from requirements.lock. Installs PostgreSQL binaries when they are
# missing and apt may be used; the tests fall back to a packaged server otherwise.
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
