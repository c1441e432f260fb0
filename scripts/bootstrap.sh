#!/usr/bin/env bash
# Sets the project up: .venv with the locked packages and, when asked for, a browser for the tests.
#   scripts/bootstrap.sh            what the portal needs to run
#   scripts/bootstrap.sh --dev      and what its checks and tests need
#   scripts/bootstrap.sh --browser  and Chromium
# A second run finds everything in place. Works with the bash 3.2 of macOS.
set -eu
cd "$(dirname "$0")/.."

LOCK=requirements.txt
BROWSER=no
for option in ${1+"$@"}; do
    case "$option" in
        --dev) LOCK=requirements-dev.txt ;;
        --browser) LOCK=requirements-dev.txt BROWSER=yes ;;
        *) echo "Unknown option $option: use --dev or --browser." >&2; exit 2 ;;
    esac
done

say() { printf '  %s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# Runs apt-get as root, or by sudo when it asks for no password; fails when neither is to be had.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true >/dev/null 2>&1; then as_root="sudo -n"
    else return 1; fi
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null </dev/null || return 1
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# Prints the first Python >= 3.11, one that can make virtual environments before one that can't.
find_python() {
    fallback=""
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        is_recent "$candidate" || continue
        if has_venv "$candidate"; then echo "$candidate"; return; fi
        [ -n "$fallback" ] || fallback=$candidate
    done
    echo "$fallback"
}

need_python() {
    if [ -n "${PYTHON:-}" ] && ! is_recent "$PYTHON"; then
        fail "PYTHON=$PYTHON is not Python 3.11 or newer: name another one, or unset PYTHON."
    fi
    python=$(find_python)
    if [ -z "$python" ]; then
        say "Installing Python by apt"
        apt_install python3 python3-venv || true
        python=$(find_python)
    fi
    [ -n "$python" ] || fail "Python 3.11 or newer is missing: install it (Debian, Ubuntu: sudo" \
        "apt-get install python3 python3-venv; macOS: brew install python@3.13)."
    has_venv "$python" && return
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    say "Installing $version by apt"
    apt_install "$version" || true
    has_venv "$python" \
        || fail "$python can't make virtual environments: run sudo apt-get install $version."
}

make_venv() {
    .venv/bin/python -c 'import pip' >/dev/null 2>&1 && is_recent .venv/bin/python && return
    need_python
    [ ! -e .venv ] || say "The old .venv does not work any more; making a new one"
    say "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

stamp_of() { cksum <"$1"; }

is_installed() {
    [ -f ".venv/.stamp-$1" ] && [ "$(cat ".venv/.stamp-$1")" = "$(stamp_of "$1")" ]
}

# The development lock holds everything of the other one, so it stamps both.
install_packages() {
    is_installed "$LOCK" && return
    say "Installing the packages of $LOCK (about half a minute)"
    rm -f .venv/.stamp-*
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input \
        --require-hashes -r "$LOCK" \
        || fail "The packages of $LOCK could not be installed: check the network and run it again."
    stamp_of requirements.txt >.venv/.stamp-requirements.txt
    [ "$LOCK" = requirements.txt ] || stamp_of "$LOCK" >".venv/.stamp-$LOCK"
}

# Asks each browser for its version: on Ubuntu the apt package may be a stub that starts nothing.
has_browser() {
    for candidate in chromium chromium-browser google-chrome google-chrome-stable; do
        "$candidate" --version >/dev/null 2>&1 && return
    done
    .venv/bin/python - >/dev/null 2>&1 <<'PYTHON'
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))
PYTHON
}

need_browser() {
    has_browser && return
    say "Installing Chromium"
    apt_install chromium || true
    has_browser && return
    .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || true
    has_browser || fail "The browser tests need Chromium: run sudo apt-get install chromium" \
        "(elsewhere: .venv/bin/python -m playwright install chromium)."
}

make_venv
install_packages
[ "$BROWSER" = no ] || need_browser
