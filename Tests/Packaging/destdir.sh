# `make install` into a folder, and the packages as files.

test_destdir() {
  local root=$work/destdir file
  check "make install writes to DESTDIR and PREFIX" env DESTDIR="$root" PREFIX=/opt/moon "$staged/install.sh"
  for file in bin/moonwheel share/man/man1/moonwheel-run.1 share/bash-completion/completions/moonwheel \
    share/zsh/site-functions/_moonwheel share/fish/vendor_completions.d/moonwheel.fish \
    share/moonwheel/library/moonwheel.d.lua share/doc/moonwheel/docs/operating.md share/doc/moonwheel/scripts/heartbeat.lua \
    share/doc/moonwheel/copyright share/doc/moonwheel/licenses/GRDB.swift.txt; do
    [ -s "$root/opt/moon/$file" ] || fail "make install has left out $file"
  done
  ok "all that is installed is there"
  find "$root" -type f -not -path "$root/opt/moon/*" >"$output"
  [ ! -s "$output" ] || fail "make install wrote outside of PREFIX" "$output"
  ok "nothing is outside of PREFIX"
  check_prints "the unit starts the binary of PREFIX" '^ExecStart=/opt/moon/bin/moonwheel run /etc/moonwheel/scripts$' \
    cat "$root/opt/moon/lib/systemd/system/moonwheel.service"
  check_prints "the installed binary runs" '^moonwheel [0-9.]*, Lua 5.4' "$root/opt/moon/bin/moonwheel" --version
  check_fails "a PREFIX that is no whole path is refused" 'PREFIX must be a whole path' \
    env DESTDIR="$root" PREFIX=opt "$staged/install.sh"
  check "make uninstall removes it" env DESTDIR="$root" PREFIX=/opt/moon "$staged/install.sh" remove
  find "$root" -type f >"$output"
  [ ! -s "$output" ] || fail "make uninstall has left files" "$output"
  ok "no file is left"

  (cd "$packages" && sha256sum --check --quiet SHA256SUMS >"$output" 2>&1) || fail "SHA256SUMS do not match" "$output"
  ok "the sums of the packages match"
  # Who builds the package for others says who maintains it.
  check "lintian finds neither error nor warning" lintian --allow-root --profile debian --fail-on error,warning \
    --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$packages"/*.deb
}
