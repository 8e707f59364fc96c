#!/bin/sh
# Installs what the tests need of the system, with apt, where that is permitted: Chromium (with a font that
# has pictures) and PostgreSQL. Never fails: it says what is missing and how to get it.
set -u

found() { command -v "$1" >/dev/null 2>&1; }

missing=""
found chromium || found chromium-browser || missing="chromium fonts-noto-color-emoji"
found initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="${missing:+$missing }postgresql"
[ -n "$missing" ] || exit 0

say_how() {
    echo "The tests use $missing, which is not installed; on Debian and Ubuntu: sudo apt-get install $missing" >&2
    exit 0
}

found apt-get || say_how
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif found sudo && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    say_how
fi

install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1
}

echo "Installing for the tests: $missing"
install || { $as_root apt-get update -q >/dev/null 2>&1 && install; } || say_how
