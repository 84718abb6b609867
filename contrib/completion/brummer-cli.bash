# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of brummer-cli for bash. The program itself knows its commands, options and processes.

_brummer_cli() {
  local line=${COMP_LINE:0:COMP_POINT} words word prefix cur
  # Words as the shell would read them; bash's own are broken at colons too.
  # shellcheck disable=SC2162 # a backslash escapes here
  read -a words <<<"$line"
  [[ $line == *[[:space:]] && $line != *\\\  ]] && words+=("")
  cur=${COMP_WORDS[COMP_CWORD]}
  word=${words[${#words[@]} - 1]}
  # What of the word stands before the part that bash replaces.
  prefix=
  [[ $word == *[:=]* && $COMP_WORDBREAKS == *[:=]* ]] && prefix=${word%"${word##*[:=]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    word=${word#"$prefix"}
    printf -v word %q "$word"
    COMPREPLY+=("$word")
  done < <("${words[0]}" completion --words -- "${words[@]:1}" 2>/dev/null)
  [[ $cur == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F _brummer_cli brummer-cli
