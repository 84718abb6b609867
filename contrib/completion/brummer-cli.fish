# SPDX-License-Identifier: MIT
# Completion of brummer-cli for fish. The program itself knows its commands, options and processes.

function __brummer_cli_words
    set -l words (commandline -opc) (commandline -ct)
    $words[1] completion --words -- $words[2..-1] 2>/dev/null
end

function __brummer_cli_has_words
    test (count (__brummer_cli_words)) -gt 0
end

complete -c brummer-cli -n __brummer_cli_has_words -f
complete -c brummer-cli -a '(__brummer_cli_words)'
