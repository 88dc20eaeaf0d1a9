#!/usr/bin/env bash
# Makes .venv from the hashed lock and adds the system libraries Qt needs; does nothing when both are there already.
#   packaging/setup.sh run    what the program needs
#   packaging/setup.sh test   that, and what the tests, checks and benchmarks need
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}

qt_packages="libgl1 libegl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0 libxcb-cursor0
 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1"
test_packages="xvfb openbox xdotool x11-utils iptables"

missing_packages() {
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

install_packages() { # $1: what for; the rest: package names
  local why=$1; shift
  command -v dpkg-query >/dev/null || return 0 # not a Debian: the libraries come from elsewhere
  local missing; missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -z "${missing// /}" ] && return 0
  local root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo)
    else
      echo "plimsoll: $why needs these Debian packages and this user may not install them:" >&2
      echo "  apt-get install $missing" >&2
      return 1
    fi
  fi
  echo "plimsoll: installing $missing" >&2
  export DEBIAN_FRONTEND=noninteractive
  "${root[@]}" apt-get update -qq >&2
  "${root[@]}" apt-get install -y -qq --no-install-recommends $missing >&2
}

find_python() {
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null &&
      { command -v "$candidate"; return 0; }
  done
  echo "plimsoll: Python 3.11, 3.12 or 3.13 is needed and none was found (apt-get install python3)" >&2
  return 1
}

install_packages "the window" $qt_packages
[ "$kind" = run ] || install_packages "the tests" $test_packages || true # those tests then say why they are skipped

lock=packaging/requirements.lock
[ "$kind" = run ] || lock=packaging/requirements-dev.lock
stamp=$(cat "$lock" pyproject.toml | sha256sum | cut -c1-16)
# The developers' set-up holds all that a run needs, so either stamp satisfies "run".
if [ -x .venv/bin/python ] && grep -qsx "$kind $stamp" .venv/plimsoll-setup; then exit 0; fi
dev_stamp=$(cat packaging/requirements-dev.lock pyproject.toml | sha256sum | cut -c1-16)
if [ "$kind" = run ] && [ -x .venv/bin/python ] && grep -qsx "test $dev_stamp" .venv/plimsoll-setup; then exit 0; fi

python=$(find_python)
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf .venv
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install_packages "a virtual environment" "python$version-venv"
  fi
  "$python" -m venv .venv
fi
echo "plimsoll: installing the locked Python packages (once)" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
.venv/bin/python -m pip install -q --require-hashes --only-binary :all: -r "$lock"
# The package itself is put on the path without a build: an editable install would fetch a build back end.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/desktop" > "$site/plimsoll.pth"
cat > .venv/bin/plimsoll <<SH
#!/bin/sh
exec "$PWD/.venv/bin/python" -m plimsoll "\$@"
SH
chmod +x .venv/bin/plimsoll
echo "$kind $stamp" > .venv/plimsoll-setup
