#compdef brummer-cli
# SPDX-License-Identifier: MIT
# Completion of brummer-cli for zsh. The program itself knows its commands, options and processes.

_brummer_cli() {
  local -a lines values shown
  local line
  lines=("${(@f)$("${(Q)words[1]}" completion --words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${(@)lines:#}"; do
    values+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  if (($#values)); then
    compadd -l -d shown -a values
  else
    _files
  fi
}

if [[ ${funcstack[1]-} == _brummer-cli ]]; then
  _brummer_cli "$@"
elif (($+functions[compdef])); then
  compdef _brummer_cli brummer-cli
fi
