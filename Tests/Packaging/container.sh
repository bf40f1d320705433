# The image that docs/operating.md describes, built by hand: its commands run in a bare system, and its program as process 1.

test_container() {
  local page=$here/../../docs/operating.md word rest line log=$work/container.log
  local user='' command=() environment=()
  new_system bare container
  sed -n '/^```dockerfile$/,/^```$/p' "$page" | sed '/^```/d' | sed ':a;/\\$/{N;s/\\\n//;ba}' >"$work/dockerfile"
  [ -s "$work/dockerfile" ] || fail "docs/operating.md has no dockerfile"
  while read -r word rest; do
    case $word in
    FROM) [[ $rest == debian:12* ]] || fail "the image begins with \"$rest\", this test with Debian 12" ;;
    COPY) cp "$packages"/${rest% *} "$system${rest##* }" || fail "this cannot be copied: $rest" ;;
    RUN) check "RUN ${rest:0:60}..." inside sh -c "$rest" ;;
    ENV) for line in $rest; do environment+=("$line"); done ;;
    USER) user=$rest ;;
    VOLUME) [ -d "$system$rest" ] || fail "there is no folder $rest for the volume" ;;
    ENTRYPOINT | CMD) mapfile -t -O "${#command[@]}" command < <(grep -o '"[^"]*"' <<<"$rest" | tr -d '"') ;;
    *) fail "this test does not know the word $word of the dockerfile" ;;
    esac
  done <"$work/dockerfile"

  # The scripts are mounted read-only.
  mkdir -p "$work/jobs"
  write_jobs "$work/jobs/jobs.lua"
  mount --bind "$work/jobs" "$system/etc/moonwheel/scripts"
  mount -o remount,bind,ro "$system/etc/moonwheel/scripts"
  start_process_one
  await 60 "the program runs as process 1 of \"$user\"" "$log" has_logged 8 tick "$log"
  ok "the program runs as process 1, as the user $user, with scripts that it cannot write to"
  check_prints "moonwheel runs finds the store in the same container" 'tick' \
    env -i "${environment[@]}" PATH=/usr/sbin:/usr/bin chroot --userspec="$user" "$system" moonwheel runs -n 3
  stop_process_one
  ok "it stops at TERM, with exit code 0"
  start_process_one
  await 60 "the next container goes on from the volume" "$log" has_logged 44 tick "$log"
  stop_process_one
  check_fires "no fire was lost or doubled" "$log"
}

# As `docker run` does: a name space of processes, in which the program is the first. Its id outside is in $program.
start_process_one() {
  env -i "${environment[@]}" MOONWHEEL_SHUTDOWN_TIMEOUT=2s PATH=/usr/sbin:/usr/bin unshare --pid --fork --kill-child \
    chroot --userspec="$user" "$system" "${command[@]}" 2>>"$log" &
  host=$!
  children+=("$host")
  await 20 "the program starts" "$log" find_program
}

find_program() {
  program=$(cat "/proc/$host/task/$host/children")
  program=${program%% *}
  [ -n "$program" ] && [[ $(readlink "/proc/$program/exe") == *moonwheel ]]
}

stop_process_one() {
  kill -TERM "$program"
  wait "$host" || fail "the program ended with exit code $?" "$log"
}
