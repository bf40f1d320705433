# The Debian package on a bare system without systemd, as in a container.

test_deb() {
  local deb scripts=/etc/moonwheel/scripts
  new_system bare deb
  deb=/srv/packages/$(basename "$packages"/*.deb)
  check "apt installs the package with what it names" \
    inside sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $deb"
  check_silent "its files are as they were packed" inside dpkg --verify moonwheel
  check_commands /usr
  check_needs "$(dpkg-deb --field "$packages"/*.deb Depends | sed -E 's/ \([^)]*\)//g; s/,//g')"
  check_prints "the script that the service would run works" 'hello' inside moonwheel list "$scripts"

  newer_deb 2
  check_upgrade /usr/bin/moonwheel inside dpkg --install /srv/packages/newer.deb
  check_prints "a script that nobody has changed comes from the new package" 'revision 2' cat "$system$scripts/hello.lua"
  echo '-- mine' >"$system$scripts/hello.lua"
  echo 'every("1h", { name = "own" }, print)' >"$system$scripts/own.lua"
  newer_deb 3
  check "the package can be upgraded again" inside dpkg --install --force-confdef --force-confold /srv/packages/newer.deb
  check_prints "a script that the user has changed stays" '^-- mine$' cat "$system$scripts/hello.lua"
  check_prints "the version of the package is kept beside it" 'revision 3' cat "$system$scripts/hello.lua.dpkg-dist"
  rm "$system$scripts"/hello.lua*
  newer_deb 4
  check "the package can be upgraded a third time" inside dpkg --install --force-confdef /srv/packages/newer.deb
  [ ! -e "$system$scripts/hello.lua" ] || fail "an upgrade has brought back a script that the user had removed"
  ok "a script that the user has removed stays away"

  check "dpkg removes the package" inside dpkg --remove moonwheel
  [ ! -e "$system/usr/bin/moonwheel" ] || fail "the binary is still there"
  [ -e "$system$scripts/own.lua" ] || fail "the scripts of the user are gone"
  ok "the scripts of the user stay"
  mkdir -p "$system/var/lib/private/moonwheel"
  touch "$system/var/lib/private/moonwheel/store.db"
  check "dpkg purges the package" inside dpkg --purge moonwheel
  [ ! -e "$system/var/lib/private/moonwheel" ] || fail "the store is still there after a purge"
  [ -e "$system$scripts/own.lua" ] || fail "a purge has removed scripts of the user"
  ok "a purge removes the store, and leaves the scripts of the user"
}
