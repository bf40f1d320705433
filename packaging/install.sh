#!/bin/sh
# Installs Moonwheel, or removes it:
#
#   ./install.sh            into /usr/local
#   ./install.sh remove     from there
#
# PREFIX names another folder than /usr/local, DESTDIR the root of the file system that it is for, if not this one's.
# A host that runs goes on with its own version until it is restarted: each file is replaced at once, never written over.
set -eu

prefix=${PREFIX:-/usr/local}
destination=${DESTDIR:-}
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

case $prefix in
/*) ;;
*) fail "PREFIX must be a whole path, as in /usr/local, not \"$prefix\"" ;;
esac

put() { # FILE: one of bin, lib and share
  target=$destination$prefix/$1
  mode=644
  if [ -x "$1" ]; then mode=755; fi
  install -D -m "$mode" "$1" "$target.new"
  case $1 in
  *.service) sed "s|^ExecStart=[^ ]*/moonwheel |ExecStart=$prefix/bin/moonwheel |" "$1" >"$target.new" ;;
  esac
  mv -f "$target.new" "$target"
}

# Whether this installation is for the system that runs.
is_for_this_system() {
  [ -z "$destination" ]
}

reload_units() {
  if is_for_this_system && [ "$(id -u)" -eq 0 ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
  fi
}

check_needs() {
  if ! is_for_this_system || problem=$(bin/moonwheel --version 2>&1 >/dev/null); then return; fi
  echo "install.sh: moonwheel cannot run here:" >&2
  echo "$problem" >&2
  if [ -r INSTALL ]; then echo "It needs $(sed -n 's/^Needs: //p' INSTALL)." >&2; fi
  exit 1
}

case ${1:-install} in
install)
  check_needs
  find bin lib share -type f | sort | while read -r file; do put "$file"; done
  reload_units
  echo "installed in $destination$prefix: $(find bin lib share -type f | wc -l) files"
  ;;
remove)
  find bin lib share -type f | while read -r file; do rm -f "$destination$prefix/$file"; done
  # Folders that nobody else has files in.
  for folder in share/doc/moonwheel share/moonwheel; do
    if [ -d "$destination$prefix/$folder" ]; then
      find "$destination$prefix/$folder" -depth -type d -empty -delete
    fi
  done
  reload_units
  echo "removed from $destination$prefix; scripts and stores stay"
  ;;
*)
  fail "the only word is remove, not \"$1\""
  ;;
esac
