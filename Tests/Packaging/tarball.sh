# The tarball on a bare system.

test_tarball() {
  local folder needed
  new_system bare tarball
  folder=/srv/$(basename "$packages"/*.tar.gz .tar.gz)
  inside tar -C /srv -xzf "/srv/packages/$(basename "$packages"/*.tar.gz)"
  check_fails "where a library is missing, install.sh installs nothing and names the packages" \
    'It needs libc6 (>= [0-9.]*), .*libsqlite3-0' inside "$folder/install.sh"
  [ ! -e "$system/usr/local/bin/moonwheel" ] || fail "install.sh has installed a binary that cannot run"
  needed=$(sed -n 's/^ *apt-get install //p' "$system$folder/INSTALL")
  # shellcheck disable=SC2086
  check "the packages that INSTALL names can be installed" \
    inside sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $needed"
  check "install.sh installs" inside "$folder/install.sh"
  check_commands /usr/local
  check_needs "$needed"
  check "it installs into a home folder, too" inside env PREFIX=/root/.local "$folder/install.sh"
  check_prints "and runs there" '^moonwheel ' inside /root/.local/bin/moonwheel --version

  # The newer version is the same with other bytes at its end, which no program reads.
  cp -a "$system$folder" "$system/srv/newer"
  printf 'newer' >>"$system/srv/newer/bin/moonwheel"
  check_upgrade /usr/local/bin/moonwheel inside /srv/newer/install.sh

  check "install.sh removes" inside /srv/newer/install.sh remove
  find "$system/usr/local" -type f >"$output"
  [ ! -s "$output" ] || fail "install.sh remove has left files" "$output"
  ok "no file is left in /usr/local"
  [ -s "$system/srv/jobs/.moonwheel/store.db" ] || fail "install.sh remove has taken the store"
  ok "scripts and their store stay"
}

# The commands work with nothing but what was installed.
check_commands() { # PREFIX
  local scripts=$1/share/doc/moonwheel/scripts version
  version=$(basename "$packages"/*.tar.gz | sed 's/moonwheel-\(.*\)-linux.*/\1/')
  check_prints "moonwheel --version says the version of the package" "^moonwheel $version, Lua 5.4" inside moonwheel --version
  check_prints "moonwheel check reads the examples" 'no errors' inside moonwheel check "$scripts"
  check "moonwheel test runs the tests of the examples" inside moonwheel test "$scripts"
  check_prints "moonwheel next knows zones and their clock changes" '2027-03-28T03:00:00+02:00' \
    inside moonwheel next 'every day at 02:30' --tz Europe/Berlin --from '2027-03-27 12:00' -n 1
  check_prints "moonwheel simulate works" 'heartbeat' inside moonwheel simulate "$scripts/heartbeat.lua" --for 1m
  cp -a "$system$scripts" "$system/srv/examples"
  check_prints "moonwheel run runs the examples" 'the moon turns' inside moonwheel run /srv/examples --for 3s
  check_prints "moonwheel runs reads what it has stored" 'heartbeat' inside moonwheel runs /srv/examples
}

# Each library that the binary asks for comes from a package that is named.
check_needs() { # PACKAGES
  local library file package
  for library in $(readelf --dynamic "$staged/bin/moonwheel" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    file=$(inside sh -c "ldconfig -p | sed -n 's/^[[:space:]]*$library .*=> //p' | head -n 1")
    [ -n "$file" ] || fail "nobody has $library"
    package=$(inside dpkg-query --search "$(inside realpath "$file")" "$file" 2>/dev/null | head -n 1 | sed 's/[:,].*//') || true
    [[ " $1 " == *" $package "* ]] || fail "$library is in the package \"$package\", which is not named: $1"
  done
  ok "each library that the binary asks for is in a package that is named"
}

start_host() { # BINARY LOG
  env -i PATH=/usr/sbin:/usr/bin MOONWHEEL_LOG=json MOONWHEEL_SHUTDOWN_TIMEOUT=2s \
    chroot "$system" "$1" run /srv/jobs 2>>"$2" &
  host=$!
  children+=("$host")
}

# Replaces the binary of a host while its jobs run, and restarts the host a while later.
check_upgrade() { # BINARY COMMAND...
  local binary=$1 log=$work/upgrade-${system##*/}.log before
  shift
  mkdir -p "$system/srv/jobs"
  write_jobs "$system/srv/jobs/jobs.lua"
  start_host "$binary" "$log"
  await 60 "the host runs its jobs" "$log" has_logged 6 tick "$log"
  await 60 "a long promise is under way" "$log" has_logged 1 "long begins" "$log"
  check "the binary is replaced while jobs run" "$@"
  before=$(count_logged tick "$log")
  [[ $(readlink "/proc/$host/exe") == *"(deleted)" ]] || fail "the host does not run its own version any more: $(readlink "/proc/$host/exe")"
  await 20 "the old host goes on after the upgrade" "$log" has_logged $((before + 8)) tick "$log"
  ok "the old host goes on with its own version"
  [ "$(count_logged tick "$log")" -lt 78 ] || fail "this machine is too slow for the test: the long promise was over before the restart"
  kill -TERM "$host"
  wait "$host" || fail "the old host ended with exit code $?" "$log"
  ok "it stops as asked"
  start_host "$binary" "$log"
  before=$(count_logged tick "$log")
  await 60 "the new host goes on" "$log" has_logged $((before + 8)) tick "$log"
  cmp -s "/proc/$host/exe" "$system$binary" || fail "the new host runs another binary than the installed one"
  ok "the new host runs the new version"
  check_long "$log"
  kill -TERM "$host"
  wait "$host" || fail "the new host ended with exit code $?" "$log"
  check_fires "no fire was lost or doubled" "$log"
  check_promises "no promise was lost or doubled" "$log"
  check_errors "$log"
}
