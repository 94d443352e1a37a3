#!/bin/sh
# Stands in for sudo in a room: drops its options, takes its assignments, and runs the command as whoever we are.

user=root
shell=
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    --user=*) user=${1#*=}; shift ;;
    -u | --user) user=${2-root}; shift; [ $# -gt 0 ] && shift ;;
    -[gpCrtTUDR] | --group | --prompt | --chdir | --chroot | --role | --type | --other-user | --host)
        shift; [ $# -gt 0 ] && shift ;;
    --login | --shell) shell=yes; shift ;;
    --*) shift ;;
    -u?*) user=${1#-u}; shift ;;
    -[EHnSbAkKPBi]*u) user=${2-root}; shift; [ $# -gt 0 ] && shift ;;
    -[EHnSbAkKPBi]*[gpCrtTUDR]) shift; [ $# -gt 0 ] && shift ;;
    -*[is]*) shell=yes; shift ;;
    -*) shift ;;
    [A-Za-z_]*=*) export "$1"; shift ;;
    *) break ;;
    esac
done

if [ -n "$shell" ]; then
    if [ $# -gt 0 ]; then
        set -- "${SHELL:-/bin/sh}" -c "$*"
    else
        set -- "${SHELL:-/bin/sh}"
    fi
fi
if [ $# -eq 0 ]; then
    exit 0
fi
if [ "$user" != root ] && [ "$user" != "#0" ] && [ "$(id -un)" != "$user" ]; then
    if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1; then
        exec setpriv --reuid="${user#"#"}" --regid="$(id -g "${user#"#"}")" --clear-groups "$@"
    fi
    echo "sudo: this room can't become the user $user" >&2
    exit 1
fi
exec "$@"
