#!/bin/sh
# The agent: entered once for a room, it starts each call as a new process and says how it ended.
#
#   sh agent.sh CONTROL [bare]   POSIX sh; dash, bash and busybox ash alike
#
# `bare` says that this shell's own environment is PATH and LC_ALL, and no more.
#
# Standard input carries the program's orders, and is the lifeline: once it closes, everything ends.
#   worker K        starts a worker that reads the numbers of calls from CONTROL/orders.K
#   kill SIGNAL P   signals the process group P
# A worker performs CONTROL/N/start, a script that ends in `exec $lead ...`, and writes to CONTROL/ends.K
#   started P       the call's process, and its group
#   left 0          or 1: what CONTROL/N/after said, a script that is run by the worker itself, if it is there
#   ended STATUS    as a shell counts: 128 + n for a signal
#
# A worker is one side of a pipeline rather than a background command, because a shell makes background commands
# ignore SIGINT and SIGQUIT for good, and programs that are being tested notice.

control=$1
umask 022
exec 3<&0 </dev/null

lead=
if command -v setsid >/dev/null 2>&1; then
    lead=$(command -v setsid)
fi

# These shells add variables of their own to what a program of theirs gets; the others need no `env` to be kept from it.
bare=$2
if [ -n "$BASH_VERSION$ZSH_VERSION$KSH_VERSION$YASH_VERSION" ]; then
    bare=
fi

in_foreground() {
    (
        read -r pid _ </proc/self/stat
        echo "started $pid" >&4
        exec 4>&-
        . "$control/$call/start"
    )
}

# Where there is no /proc to ask for the subshell's number (macOS), job control gives it, and its own group.
in_background() {
    set -m
    ( exec 4>&-; . "$control/$call/start" ) &
    echo "$!" >>"$control/groups"
    echo "started $!" >&4
    wait $!
}

work() {
    exec <"$control/orders.$1" 4>"$control/ends.$1" 3<&-
    while read -r call; do
        if [ -r /proc/self/stat ]; then
            in_foreground
        else
            in_background
        fi
        status=$?
        if [ -f "$control/$call/after" ]; then
            . "$control/$call/after" >&4
        fi
        echo "ended $status" >&4
    done
}

serve() {
    while read -r order first second <&3; do
        case $order in
        worker)
            # Standard output is the first shell's alone: it ends with it, and tells the program.
            work "$first" 2>/dev/null >/dev/null | { exec >/dev/null; serve; }
            return
            ;;
        kill)
            kill "-$first" "-$second" 2>/dev/null || kill "-$first" "$second" 2>/dev/null
            ;;
        esac
    done
    # As the first process of its own process namespace the agent can end all others at one stroke.
    if [ $$ = 1 ]; then
        kill -KILL -1
    fi
}

echo ready
serve
