# What the parts share: checks that say what went wrong, systems, and the jobs that an upgrade must not disturb.

images=$(cd "$here/../.." && pwd)/.build-package/images
work=$(mktemp -d /tmp/moonwheel-packaging.XXXXXX)
output=$work/output
passed=0
# Processes to end at the end, whatever happens.
children=()
container=

cleanup() {
  local child
  trap - ERR
  set +e
  stop_container
  for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null; done
  # What is mounted in systems goes first: a removal must not reach into it.
  findmnt --raw --noheadings --output TARGET | grep "^$work/" | sort -r | while read -r mount; do
    umount --lazy "$mount"
  done
  rm -rf --one-file-system "$work"
  # The exit code is that of the test.
  return 0
}
trap cleanup EXIT

# Checks -------------------------------------------------------------------------------------------

fail() { # WHAT [FILE]
  trap - ERR
  echo "FAILED: $1" >&2
  if [ -n "${2:-}" ] && [ -s "$2" ]; then tail -n 80 "$2" | sed 's/^/  | /' >&2; fi
  exit 1
}

ok() {
  passed=$((passed + 1))
  echo "  ok: $1"
}

check() { # WHAT COMMAND...
  local what=$1
  shift
  "$@" >"$output" 2>&1 || fail "$what: this ended with exit code $?: $*" "$output"
  ok "$what"
}

check_fails() { # WHAT PATTERN COMMAND...: with an output that has the pattern
  local what=$1 pattern=$2
  shift 2
  if "$@" >"$output" 2>&1; then fail "$what: this should have failed: $*" "$output"; fi
  grep -q -- "$pattern" "$output" || fail "$what: no \"$pattern\" in the output of: $*" "$output"
  ok "$what"
}

check_prints() { # WHAT PATTERN COMMAND...
  local what=$1 pattern=$2
  shift 2
  "$@" >"$output" 2>&1 || fail "$what: this ended with exit code $?: $*" "$output"
  grep -q -- "$pattern" "$output" || fail "$what: no \"$pattern\" in the output of: $*" "$output"
  ok "$what"
}

check_silent() { # WHAT COMMAND...
  local what=$1
  shift
  "$@" >"$output" 2>&1 || fail "$what: this ended with exit code $?: $*" "$output"
  [ ! -s "$output" ] || fail "$what: this should have printed nothing: $*" "$output"
  ok "$what"
}

await() { # SECONDS WHAT FILE COMMAND...; FILE is shown if it never comes true
  local left=$(($1 * 10)) what=$2 file=$3
  shift 3
  until "$@" >"$output" 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || fail "$what: this never succeeded: $*" "$file"
    sleep 0.1
  done
}

# Systems ------------------------------------------------------------------------------------------

# The archive of Debian that this machine's apt uses.
mirror() {
  local found
  found=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 ~ /\/debian\/?$/ { print $2; exit }')
  printf '%s' "${found:-http://deb.debian.org/debian}"
}

bare_image() {
  [ ! -e "$images/bare/done" ] || return 0
  rm -rf "$images/bare"
  mkdir -p "$images/bare"
  debootstrap --variant=minbase bookworm "$images/bare/system" "$(mirror)" >"$output" 2>&1 ||
    fail "debootstrap cannot make a bare Debian 12" "$output"
  touch "$images/bare/done"
}

# The bare system, with systemd and what a user of a terminal has.
service_image() {
  [ ! -e "$images/service/done" ] || return 0
  bare_image
  rm -rf "$images/service"
  mkdir -p "$images/service"
  cp -a "$images/bare/system" "$images/service/system"
  in_system "$images/service/system" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends \
    systemd systemd-sysv dbus bash-completion zsh fish man-db mandoc' >"$output" 2>&1 ||
    fail "the packages of the system with systemd cannot be installed" "$output"
  touch "$images/service/done"
}

# Makes a system of its own for a part, in $system.
new_system() { # IMAGE NAME
  "${1}_image"
  system=$work/$2
  cp -a --reflink=auto "$images/$1/system" "$system"
  mount -t proc proc "$system/proc"
  mkdir -p "$system/srv/packages"
  cp "$packages"/*.deb "$packages"/*.tar.gz "$system/srv/packages/"
}

in_system() { # SYSTEM COMMAND...
  local root=$1
  shift
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} chroot "$root" "$@"
}

inside() { in_system "$system" "$@"; }

# The package with another revision, in which hello.lua has another text, and the binary other bytes.
newer_deb() { # REVISION
  local old unpacked=$work/newer version
  old=$(echo "$packages"/*.deb)
  rm -rf "$unpacked"
  dpkg-deb --raw-extract "$old" "$unpacked"
  version=$(dpkg-deb --field "$old" Version)
  sed -i "s/^Version: .*/Version: ${version%-*}-$1/" "$unpacked/DEBIAN/control"
  printf 'newer' >>"$unpacked/usr/bin/moonwheel"
  echo "-- revision $1" >>"$unpacked/etc/moonwheel/scripts/hello.lua"
  (cd "$unpacked" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  dpkg-deb -Znone --root-owner-group --build "$unpacked" "$system/srv/packages/newer.deb" >/dev/null
}

# Jobs under way -----------------------------------------------------------------------------------

# What a host must not lose or do twice while it is upgraded. Each fire logs its instant, and promises a run that logs the
# same instant. One promise outlasts the host: it waits until the 80th fire.
write_jobs() { # FILE
  cat >"$1" <<'LUA'
local paid = job("paid", { overlap = "queue", run = function(run)
  sleep("50ms")
  log.info("paid " .. run.args.at)
end })

local long = job("long", { run = function(run)
  log.info("long begins " .. run.id)
  wait("release", "10m")
  log.info("long ends " .. run.id)
end })

every("250ms", { name = "tick", catchup = "all", catchup_limit = 10000 }, function(run)
  local at = math.floor(run.scheduled_at * 1000 + 0.5)
  log.info("tick " .. at)
  paid:trigger({ at = at })
  if run.n == 4 then long:trigger() end
  if run.n >= 80 then emit("release") end
end)
LUA
}

# The words of all lines of a kind, in the order of the log, which is JSON.
logged() { # WORDS FILE
  grep -o "\"message\":\"$1 [^\"]*" "$2" | sed "s/.*$1 //"
}

count_logged() { # WORDS FILE
  logged "$1" "$2" | wc -l
}

has_logged() { # COUNT WORDS FILE
  [ "$(count_logged "$2" "$3")" -ge "$1" ]
}

# Every fire once, in order, none left out: the instants are 250 ms apart from the first to the last.
check_fires() { # WHAT FILE
  logged tick "$2" >"$work/ticks"
  awk 'NR > 1 && $1 != last + 250 { print "after the fire at " last " came that at " $1; bad = 1 } { last = $1 }
    END { if (NR < 40) { print "there were only " NR " fires"; bad = 1 }; exit bad }' "$work/ticks" >"$output" ||
    fail "$1: a fire was lost or doubled" "$output"
  ok "$1 ($(wc -l <"$work/ticks") fires)"
}

# Each promise was kept once, but for those of the last fires before the log was read.
check_promises() { # WHAT FILE
  logged paid "$2" | sort >"$work/paid"
  uniq -d "$work/paid" >"$output"
  [ ! -s "$output" ] || fail "$1: these were done twice" "$output"
  head -n -8 "$work/ticks" | sort | comm -23 - "$work/paid" >"$output"
  [ ! -s "$output" ] || fail "$1: these were never done" "$output"
  ok "$1 ($(wc -l <"$work/paid") promises)"
}

# The promise that was under way at the restart began again with the same id, and came to its end once.
check_long() { # FILE
  await 60 "the promise that the restart cut off comes to its end" "$1" has_logged 1 "long ends" "$1"
  { logged "long begins" "$1"; logged "long ends" "$1"; } >"$output"
  [ "$(wc -l <"$output")" -eq 3 ] && [ "$(sort -u "$output" | wc -l)" -eq 1 ] ||
    fail "the promise under way at the restart should begin twice and end once, with one id" "$output"
  ok "the promise under way at the restart began again with its id, and ended once"
}

# Nothing went wrong but that the long promise was cut off.
check_errors() { # LOG
  ! grep -E '"level":"(error|critical)"' "$1" | grep -v '"job":"long".*"event":"run.cancelled"' >"$output" ||
    fail "these errors are in the log" "$output"
  ok "nothing but the promise that was cut off is an error in the log"
}

# Containers ---------------------------------------------------------------------------------------

# Boots $system with its systemd.
start_container() {
  local name
  name=moonwheel-$$
  umount "$system/proc"
  systemd-nspawn --quiet --register=no --keep-unit --boot --machine="$name" --directory="$system" \
    </dev/null >"$work/boot.log" 2>&1 &
  container=$!
  await 60 "systemd boots in a container" "$work/boot.log" find_leader
  await 60 "systemd has started its units" "$work/boot.log" is_booted
}

# The process 1 of the container, in $leader.
find_leader() {
  leader=$(cat "/proc/$container/task/$container/children")
  leader=${leader%% *}
  [ -n "$leader" ]
}

is_booted() {
  in_container systemctl is-system-running | grep -qE '^(running|degraded)$'
}

in_container() {
  nsenter --target "$leader" --all -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

stop_container() {
  local left=150
  [ -n "$container" ] || return 0
  in_container systemctl poweroff >/dev/null 2>&1 || true
  while kill -0 "$container" 2>/dev/null && [ "$left" -gt 0 ]; do
    left=$((left - 1))
    sleep 0.1
  done
  kill -KILL "$container" 2>/dev/null || true
  container=
}
