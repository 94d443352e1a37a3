# travis_service NAME [PORT [VERSION]]: a service that is there by the time the line ends: in a container beside the job,
# which listens already, or started from a program of the room. https://docs.travis-ci.com/user/database-setup/
travis_service() {
  local name=$1 port=${2:-} version=${3:-}
  if [[ -n $port ]] && __understudy_listens "$port"; then
    echo "$name listens on port $port."
    if [[ ! -e /.dockerenv && ! -e /run/.containerenv ]] && __understudy_has "$name"; then
      __understudy_warn "$name is not the job's own: something else on this machine listens on port $port already"
    fi
  else
    __understudy_start "$name" "$port" "$version" || return
    [[ -z $port ]] || __understudy_await "$name" "$port" || return
  fi
  case $name in postgresql) __understudy_postgresql_users ;; esac
  return 0
}

# Whether the room has the service itself, so that nothing beside it would be it.
__understudy_has() {
  local program
  case $1 in
    postgresql) program=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' || command -v postgres) ;;
    mysql | mariadb) program=$(command -v mysqld || command -v mariadbd) ;;
    mongodb) program=$(command -v mongod) ;;
    *) program=$(command -v "$1") ;;
  esac
  [[ -n $program ]]
}

__understudy_listens() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

__understudy_await() {
  local try
  for ((try = 0; try < 600; try++)); do
    __understudy_listens "$2" && return 0
    sleep 0.05
  done
  echo "$1 does not listen on port $2; the last lines of its log:"
  tail -n 5 "$HOME/.understudy/services/$1.log" 2>/dev/null
  return 1
}

__understudy_absent() {
  __understudy_tell missing "the service \`$1\` was not started: this room has no program for it"
  echo "$1 was not started: this room has no program for it, and no container beside it."
  return 1
}

# Starts a program in the background, which outlives the line; what it prints goes to a log of its own.
__understudy_background() {
  local name=$1
  shift
  echo "$*"
  "$@" >"$HOME/.understudy/services/$name.log" 2>&1 </dev/null 8>&- 9>&- &
  disown
}

__understudy_start() {
  local name=$1 port=$2 version=$3 data=$HOME/.understudy/services/$1
  mkdir -p "$data"
  case $name in
    postgresql) __understudy_postgresql "$data" "$port" "$version" ;;
    mysql | mariadb) __understudy_mysql "$name" "$data" "$port" ;;
    redis-server) __understudy_program redis-server redis-server --port "$port" --save '' --dir "$data" ;;
    memcached) __understudy_program memcached memcached -u "$(id -un)" -p "$port" -l 127.0.0.1 ;;
    mongodb) __understudy_program mongodb mongod --dbpath "$data" --port "$port" --bind_ip 127.0.0.1 ;;
    rabbitmq-server) __understudy_program rabbitmq-server rabbitmq-server ;;
    rethinkdb) __understudy_program rethinkdb rethinkdb --directory "$data/data" --no-update-check ;;
    xvfb)
      export DISPLAY=:99.0
      __understudy_program xvfb Xvfb :99 -screen 0 1280x1024x24
      ;;
    docker)
      docker version && return
      __understudy_tell missing "the service \`docker\` was not started: no container engine answers in this room"
      return 1
      ;;
    *) __understudy_absent "$name" ;;
  esac
}

__understudy_program() {
  local name=$1
  shift
  command -v "$1" >/dev/null || { __understudy_absent "$name"; return; }
  __understudy_background "$name" "$@"
}

# PostgreSQL doesn't run as root. Its bin folder is on PATH from then on, as there.
__understudy_postgresql() {
  local data=$1/data port=$2 version=$3 bin found= as=()
  for bin in /usr/lib/postgresql/*/bin; do
    [[ -x $bin/postgres ]] && { [[ -z $found || $bin == */"$version"/bin ]] && found=$bin; }
  done
  if [[ -z $found ]] && command -v postgres >/dev/null; then found=$(dirname "$(readlink -f "$(command -v postgres)")"); fi
  [[ -n $found ]] || { __understudy_absent postgresql; return; }
  export PATH="$found:$PATH"
  if [[ -n $version && $("$found/postgres" --version) != *" $version"[.\ ]* && $("$found/postgres" --version) != *" $version" ]]; then
    __understudy_warn "the job asks for PostgreSQL $version, and has $("$found/postgres" --version | awk '{print $3}')"
  fi
  mkdir -p "$data"
  if [[ $(id -u) == 0 ]]; then
    data=$(mktemp -d /tmp/postgresql.XXXXXX)
    chown nobody "$data"
    as=(setpriv --reuid=nobody --clear-groups --reset-env)
    command -v setpriv >/dev/null || as=(su -s /bin/sh nobody -c 'exec "$0" "$@"')
  fi
  (cd "$data" && "${as[@]}" "$found/initdb" -D "$data/main" -U postgres --auth=trust -E UTF8 --no-sync) >/dev/null || return
  sudo mkdir -p /var/run/postgresql && sudo chmod 1777 /var/run/postgresql
  (
    cd "$data" || exit
    "${as[@]}" "$found/postgres" -D "$data/main" -p "$port" -F \
      -c unix_socket_directories=/var/run/postgresql,/tmp -c listen_addresses=127.0.0.1 \
      >"$data/log" 2>&1 </dev/null 8>&- 9>&- &
  )
}

# The users are `postgres` and `travis`, neither with a password. https://docs.travis-ci.com/user/database-setup/#postgresql
__understudy_postgresql_users() {
  command -v psql >/dev/null || return 0
  local name ask=(psql -h 127.0.0.1 -U postgres -qAt -c)
  for name in travis "$(id -un)"; do
    "${ask[@]}" "CREATE ROLE \"$name\" SUPERUSER LOGIN" 2>/dev/null
    "${ask[@]}" "CREATE DATABASE \"$name\" OWNER \"$name\"" 2>/dev/null
  done
  psql --version
}

# The users are `root` and `travis`, neither with a password. https://docs.travis-ci.com/user/database-setup/#mysql
__understudy_mysql() {
  local name=$1 data=$2/data port=$3 program
  program=$(command -v mysqld || command -v mariadbd) || { __understudy_absent "$name"; return; }
  if "$program" --help --verbose 2>/dev/null | grep -q initialize-insecure; then
    "$program" --no-defaults --initialize-insecure --datadir="$data" --user="$(id -un)" >/dev/null 2>&1
  else
    mysql_install_db --no-defaults --datadir="$data" --user="$(id -un)" --auth-root-authentication-method=normal >/dev/null 2>&1
  fi
  sudo mkdir -p /var/run/mysqld && sudo chmod 1777 /var/run/mysqld
  __understudy_background "$name" "$program" --no-defaults --datadir="$data" --user="$(id -un)" --port="$port" \
    --bind-address=127.0.0.1 --socket=/var/run/mysqld/mysqld.sock --pid-file="$data/pid"
  __understudy_await "$name" "$port" &&
    mysql -h 127.0.0.1 -u root -e "CREATE USER IF NOT EXISTS 'travis'@'%'; GRANT ALL ON *.* TO 'travis'@'%'"
}
