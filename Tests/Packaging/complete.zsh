# Types into a shell on a terminal, presses Tab, and compares what the shell has made of it:
#
#   zsh -f complete.zsh bash|zsh
#
# The shell has the completions of the system, as that of a user has.
zmodload zsh/zpty zsh/zselect || exit 1

typeset shell=$1 folder answer chunk
folder=$(mktemp -d)
trap 'rm -rf $folder' EXIT
mkdir $folder/jobs
touch $folder/jobs/hello.lua $folder/jobs/hello.txt $folder/journal.txt $folder/trace.json

# Sends text, and reads until the shell has printed a text.
answer_to() { # TEXT PATTERN
  integer tries=0
  answer=
  zpty -w -n shell "$1"
  while [[ $answer != *$~2* ]]; do
    if zpty -r -t shell chunk; then
      answer+=$chunk
    elif (( (tries += 1) < 500 )) && zpty -t shell; then
      zselect -t 2  # hundredths of a second
    else
      print -r -- "$shell does not answer to ${(qqqq)1}. The terminal shows:"
      print -r -- "$answer"
      exit 1
    fi
  done
}

# TYPED is followed by Tab. Then the line is made an argument of printf, which prints it.
completes() { # TYPED EXPECTED
  answer_to "$1"$'\t\C-a'"printf '<%s>\\n' '"$'\C-e'"'"$'\r' $'\n<*>*\n'
  local line=${${answer##*$'\n'<}%%>*}
  # zsh takes back the slash after a folder when the next key is no part of a path.
  if [[ ${${line% }%/} != "${2%/}" ]]; then
    print -r -- "$shell has made of \"$1\": \"$line\", not \"$2\". The terminal shows:"
    print -r -- "$answer"
    exit 1
  fi
}

# Two Tabs after TYPED list WORDS.
lists() { # TYPED WORD...
  local typed=$1 word
  shift
  answer_to "$typed"$'\t\t\C-a'"printf '<%s>\\n' '"$'\C-e'"'"$'\r' $'\n<*>*\n'
  for word; do
    if [[ $answer != *$word* ]]; then
      print -r -- "$shell does not offer \"$word\" after \"$typed\". The terminal shows:"
      print -r -- "$answer"
      exit 1
    fi
  done
}

case $shell in
bash)
  zpty -e shell "cd $folder && stty rows 24 cols 200 && TERM=dumb bash --norc -i"
  answer_to $'. /usr/share/bash-completion/bash_completion; PS1="> "; bind "set enable-bracketed-paste off"; bind "set show-all-if-ambiguous on"; echo re""ady\r' 'ready'
  ;;
zsh)
  zpty -e shell "cd $folder && stty rows 24 cols 200 && TERM=dumb zsh -f -i"
  answer_to $'PS1="> "; bindkey -e; unset zle_bracketed_paste; unsetopt prompt_sp; autoload -Uz compinit && compinit -u -D; echo re""ady\r' 'ready'
  ;;
esac

completes 'moonwheel expl' 'moonwheel explain'
lists 'moonwheel ru' run runs
lists 'moonwheel ' run check allow import list next explain exec simulate test runs why init
completes 'moonwheel run --shut' 'moonwheel run --shutdown-timeout'
completes 'moonwheel all' 'moonwheel allow'
completes 'moonwheel allow --di' 'moonwheel allow --diff'
completes 'moonwheel allow jobs/he' 'moonwheel allow jobs/hello.lua'
completes 'moonwheel imp' 'moonwheel import'
completes 'moonwheel import crontab journal.t' 'moonwheel import crontab journal.txt'
completes 'moonwheel run --deny-unix' 'moonwheel run --deny-unix'
completes 'moonwheel simulate --clock' 'moonwheel simulate --clock-step'
completes 'moonwheel run --log j' 'moonwheel run --log json'
completes 'moonwheel test --format ju' 'moonwheel test --format junit'
completes 'moonwheel runs --status abandon' 'moonwheel runs --status abandoned'
completes 'moonwheel next --fold bo' 'moonwheel next --fold both'
completes 'moonwheel run --tz Europe/Berl' 'moonwheel run --tz Europe/Berlin'
completes 'moonwheel run jo' 'moonwheel run jobs/'
completes 'moonwheel run jobs/he' 'moonwheel run jobs/hello.lua'
completes 'moonwheel check jobs --on-failure jobs/he' 'moonwheel check jobs --on-failure jobs/hello.lua'
completes 'moonwheel why jobs/he' 'moonwheel why jobs/hello.lua'
completes 'moonwheel simulate jobs --diff tr' 'moonwheel simulate jobs --diff trace.json'
