# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion for xm: commands, then guests or files as the command wants.

_xm_guests()
{
    xm list 2>/dev/null | awk 'NR > 1 && $1 != "Domain-0" { print $1 }'
}

_xm()
{
    local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]}

    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "$(xm help 2>/dev/null | awk '/^ [a-z]/ { print $1 }')" -- "$cur")
        return
    fi
    case $cmd in
    create)
        if [[ $cur == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W \
                "-c -p -n -q -f --help --help_config --path=" -- "$cur")
            return
        fi
        mapfile -t COMPREPLY < <(
            compgen -f -- "$cur"
            cd /etc/xen 2>/dev/null && compgen -f -X '*.sxp' -- "$cur"
        )
        ;;
    help)
        mapfile -t COMPREPLY < <(compgen -W \
            "$(xm help 2>/dev/null | awk '/^ [a-z]/ { print $1 }')" -- "$cur")
        ;;
    info | dmesg | log | debug-keys) ;;
    shutdown | reboot)
        mapfile -t COMPREPLY < <(compgen -W "$(_xm_guests) -a -w" -- "$cur")
        ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "$(_xm_guests)" -- "$cur")
        ;;
    esac
}

complete -F _xm xm
