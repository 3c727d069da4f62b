#!/bin/sh
# Makes .venv with everything of requirements-dev.lock. Instant when that is done already.
# Needs Python 3.11 or newer with its venv module; as root on Debian or Ubuntu it installs them.
set -eu

cd "$(dirname "$0")/../.."
lock=requirements-dev.lock
stamp=.venv/installed.lock # a copy of the lock file that the environment was made from

say() { printf '%s\n' "venv: $*" >&2; }
fail() { say "$*"; exit 1; }

installed() { [ -x .venv/bin/python ] && cmp -s "$lock" "$stamp" && .venv/bin/python -c ''; }

# 3.11 is the floor and what is tested; a newer one does as well.
find_python() {
    for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

has_venv() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }

apt_install() {
    say "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    wait_for_dpkg='DPkg::Lock::Timeout=120'
    { apt-get -qq -o "$wait_for_dpkg" update &&
        apt-get -qq -o "$wait_for_dpkg" install -y --no-install-recommends "$@"; } \
        </dev/null >&2 || fail "apt-get could not install $*; its messages are above"
}

may_apt() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

if installed; then
    exit 0
fi

python=$(find_python)
if [ -z "$python" ] && may_apt; then
    apt_install python3 python3-venv
    python=$(find_python)
fi
[ -n "$python" ] || fail "Causeway needs Python 3.11 or newer, and found $(python3 --version 2>&1 || echo none).
Install one so that python3.11, python3.12, python3.13, python3.14 or python3 is on the PATH."
if ! has_venv "$python"; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    may_apt || fail "$python has no venv module. On Debian or Ubuntu: sudo apt-get install $package"
    apt_install "$package"
    has_venv "$python" || fail "$python has no venv module, even with $package installed"
fi

# One at a time: two targets started together must not fill one folder. The kernel drops the lock
# with the process, so it is never stale.
if [ -z "${CAUSEWAY_VENV_LOCKED:-}" ]; then
    mkdir -p .local
    export CAUSEWAY_VENV_LOCKED=1
    exec "$python" -c '
import fcntl, os, sys
held = open(".local/venv.lock", "w")
fcntl.flock(held, fcntl.LOCK_EX)
os.set_inheritable(held.fileno(), True)
os.execv("/bin/sh", ["sh", *sys.argv[1:]])' deploy/local/venv.sh
fi

[ -f "$lock" ] || fail "$lock is missing: run from a complete checkout"
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
say "installing the $(grep -c '^[a-z0-9]' "$lock") packages of $lock (a minute or two the first time)"
rm -f "$stamp"
.venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
    --require-hashes -r "$lock" </dev/null
cp "$lock" "$stamp"
say "ready"
