# The Debian package on a system that systemd has booted, with shells and man: the life of a service.

test_service() {
  local deb unit=moonwheel.service scripts=/etc/moonwheel/scripts
  new_system service service
  deb=/srv/packages/$(basename "$packages"/*.deb)
  newer_deb 2
  inside apt-get update -qq >"$output" 2>&1 || fail "apt-get update fails" "$output"
  start_container
  check "apt installs the package" in_container apt-get install -y -qq --no-install-recommends "$deb"
  check_fails "the service is not started unasked" '^inactive$' in_container systemctl is-active $unit
  check_fails "nor enabled" '^disabled$' in_container systemctl is-enabled $unit

  check_unit
  check_manual
  check_completions

  write_jobs "$system$scripts/jobs.lua"
  mkdir -p "$system/etc/systemd/system/$unit.d"
  printf '[Service]\nEnvironment=MOONWHEEL_SHUTDOWN_TIMEOUT=2s\n' >"$system/etc/systemd/system/$unit.d/test.conf"
  in_container systemctl daemon-reload
  check "the service starts" in_container systemctl enable --now $unit
  check_prints "systemd knows how many scripts there are" 'Status: "2 scripts"' in_container systemctl status --no-pager $unit
  check_service_runs
  check_service_upgrade
  check_service_end
  check_service_of_tarball
}

# What systemd says of the unit.
check_unit() {
  check_silent "systemd-analyze verify finds nothing" in_container systemd-analyze verify moonwheel.service
  # The threshold is ten times the exposure: 0 is none, 100 all.
  check_prints "systemd-analyze security finds an exposure below 1.5" 'Overall exposure level for moonwheel.service' \
    in_container systemd-analyze security --no-pager --offline=true --threshold=15 /usr/lib/systemd/system/moonwheel.service
  sed -n 's/.*Overall exposure level/  systemd-analyze: overall exposure level/p' "$output"
}

check_manual() {
  local folder=$system/usr/share/man/man1 page name
  for page in "$folder"/moonwheel*.1.gz; do
    name=$(basename "$page" .1.gz)
    in_container mandoc -T lint -W warning "/usr/share/man/man1/$name.1.gz" >"$output" 2>&1 ||
      fail "mandoc warns of the page $name" "$output"
    in_container env MANWIDTH=80 man --warnings -l "/usr/share/man/man1/$name.1.gz" >"$work/page" 2>"$output" ||
      fail "man cannot show the page $name" "$output"
    [ ! -s "$output" ] || fail "man warns of the page $name" "$output"
    grep -q "^ *$name [^ ]* [a-z]" "$work/page" || fail "the page $name does not say its name" "$work/page"
  done
  ok "man and mandoc show $(find "$folder" -name 'moonwheel*' | wc -l) pages without a warning"
  for name in $(in_container moonwheel --help | sed -n '/^SUBCOMMANDS/,/^ *See/s/^  \([a-z]\{1,\}\) .*/\1/p'); do
    in_container man -w "moonwheel-$name" >"$output" 2>&1 || fail "the command $name has no page" "$output"
    zgrep -q "^\.Xr moonwheel-$name 1" "$folder/moonwheel.1.gz" || fail "moonwheel(1) does not name the page of $name"
  done
  ok "each command has a page, which moonwheel(1) names"
  zgrep -ho '^\.\(It \)\?Xr [^ ]*' "$folder"/moonwheel*.1.gz | sed 's/.* //' | sort -u | while read -r name; do
    [ -e "$folder/$name.1.gz" ] || fail "a page names $name(1), which is not there"
  done
  ok "no page names another that is not there"
}

check_completions() {
  cp "$here/complete.zsh" "$system/srv/complete.zsh"
  check "bash completes commands, options, values and files" in_container timeout 120 zsh -f /srv/complete.zsh bash
  check "zsh completes commands, options, values and files" in_container timeout 120 zsh -f /srv/complete.zsh zsh
  check_prints "fish completes commands" '^explain' in_container fish -c 'complete -C "moonwheel expl"'
  check_prints "fish completes options" '^--shutdown-timeout' in_container fish -c 'complete -C "moonwheel run --shut"'
  check_prints "fish completes zones" '^Europe/Berlin' in_container fish -c 'complete -C "moonwheel run --tz Europe/Berl"'
}

# The log of the service, in $journal.
read_journal() {
  journal=$work/journal
  in_container journalctl --quiet --no-pager --unit=moonwheel --output=cat >"$journal"
}

journal_has() { # COUNT WORDS
  read_journal && has_logged "$1" "$2" "$journal"
}

has_reloaded() { # COUNT
  read_journal && [ "$(grep -c '"event":"script.reloaded"' "$journal")" -ge "$1" ]
}

main_pid() { in_container systemctl show --property=MainPID --value moonwheel.service; }

check_service_runs() {
  local pid
  await 60 "the service runs its jobs" "$work/journal" journal_has 6 tick
  pid=$(main_pid)
  check_prints "a user of its own runs it" '^Uid:[[:space:]]*[1-9]' in_container cat "/proc/$pid/status"
  check "systemctl reload works" in_container systemctl reload moonwheel.service
  [ "$(main_pid)" = "$pid" ] || fail "a reload has restarted the service"
  await 20 "both scripts load again" "$work/journal" has_reloaded 2
  ok "both scripts are loaded again, by the same process"
  check_prints "root reads the store while the service runs" 'tick' \
    in_container moonwheel runs -n 3 --store /var/lib/moonwheel/store.db
}

check_service_upgrade() {
  local pid before
  await 60 "a long promise is under way" "$work/journal" journal_has 1 "long begins"
  [ "$(count_logged tick "$work/journal")" -lt 70 ] || fail "this machine is too slow for the test: the long promise was over before the upgrade"
  pid=$(main_pid)
  check "dpkg upgrades the package while jobs run" in_container dpkg --install /srv/packages/newer.deb
  check "the service runs after the upgrade" in_container systemctl is-active moonwheel.service
  [ "$(main_pid)" != "$pid" ] || fail "the upgrade has not restarted the service"
  in_container cmp "/proc/$(main_pid)/exe" /usr/bin/moonwheel >"$output" 2>&1 ||
    fail "the service does not run the new version" "$output"
  ok "it runs the new version"
  read_journal
  before=$(count_logged tick "$journal")
  await 60 "the jobs go on after the upgrade" "$work/journal" journal_has $((before + 8)) tick
  await 60 "the promise that the upgrade cut off comes to its end" "$work/journal" journal_has 1 "long ends"
  check "the service stops" in_container systemctl stop moonwheel.service
  read_journal
  check_long "$journal"
  check_fires "no fire was lost or doubled" "$journal"
  check_promises "no promise was lost or doubled" "$journal"
  check_errors "$journal"
  # Root must leave no files that the user of the service cannot open.
  check_prints "root reads the store while the service is stopped" 'tick' \
    in_container moonwheel runs -n 3 --store /var/lib/moonwheel/store.db
  check "the service starts again" in_container systemctl start moonwheel.service
}

check_service_end() {
  local deb
  deb=/srv/packages/$(basename "$packages"/*.deb)
  check "dpkg removes the package while the service runs" in_container dpkg --remove moonwheel
  check_fails "the service is stopped" 'inactive\|could not be found' in_container systemctl status --no-pager moonwheel.service
  [ -e "$system/etc/moonwheel/scripts/jobs.lua" ] || fail "the scripts of the user are gone"
  check "the package can be installed again" in_container dpkg --install /srv/packages/newer.deb
  check_prints "the service is enabled as before" '^enabled$' in_container systemctl is-enabled moonwheel.service
  check "it finds its store again" in_container systemctl start moonwheel.service
  check_prints "and its history" 'tick' in_container moonwheel runs -n 3 --store /var/lib/moonwheel/store.db
  check "dpkg purges the package" in_container dpkg --purge moonwheel
  [ ! -e "$system/var/lib/private/moonwheel" ] && [ ! -e "$system/var/lib/moonwheel" ] || fail "a purge has left the store"
  find "$system/etc/systemd/system" "$system/var/lib/systemd/deb-systemd-helper-enabled" -name 'moonwheel.service' >"$output" 2>/dev/null || true
  [ ! -s "$output" ] || fail "a purge has left links of the unit" "$output"
  ok "a purge leaves neither store nor links of the unit"
}

# The unit of the tarball, on the same system: it makes the folder of scripts, and waits for some.
check_service_of_tarball() {
  local before
  rm -rf "$system/etc/moonwheel"
  check "install.sh installs the unit" in_container sh -c 'cd /srv && tar -xzf packages/*.tar.gz && moonwheel-*/install.sh'
  check "the service starts where there is no folder of scripts" in_container systemctl start moonwheel.service
  read_journal
  before=$(count_logged tick "$journal")
  write_jobs "$system/etc/moonwheel/scripts/jobs.lua"
  await 20 "a script that is saved there runs" "$journal" journal_has $((before + 4)) tick
  ok "a script that is saved there runs at once"
  in_container cmp "/proc/$(main_pid)/exe" /usr/local/bin/moonwheel >"$output" 2>&1 ||
    fail "the service runs another binary than that of the tarball" "$output"
  printf '[Service]\nEnvironment=MOONWHEEL_SLICE=soon\n' >"$system/etc/systemd/system/moonwheel.service.d/test.conf"
  in_container systemctl daemon-reload
  check_fails "a wrong setting fails the start" 'failed' in_container systemctl restart moonwheel.service
  check_prints "and is not tried again and again" '^NRestarts=0$' in_container systemctl show --property=NRestarts moonwheel.service
  check_prints "the journal says which setting" 'MOONWHEEL_SLICE: "soon"' in_container journalctl -u moonwheel -o cat -n 20
}
