# The functions that every line of a job can call, as https://docs.travis-ci.com/user/common-build-problems/ tells of
# them: travis_retry, travis_wait, travis_terminate, travis_fold, and what travis-ci/travis-build has beside them.

# Ends the job with that status: 0 is passed, 1 failed, anything else errored.
travis_terminate() {
  set +e
  exit "${1:-2}"
}

# Notes how a line of `script` ended: one that fails is enough.
travis_result() {
  local result=${1:-0}
  TRAVIS_TEST_RESULT=$((${TRAVIS_TEST_RESULT:-0} | (result != 0)))
  export TRAVIS_TEST_RESULT
  echo "The command \"${TRAVIS_CMD:-}\" exited with $result."
}

travis_assert() {
  local result=${1:-$?}
  if ((result != 0)); then
    echo "The command \"${TRAVIS_CMD:-}\" failed and exited with $result."
    travis_terminate 2
  fi
}

# Runs a command up to three times, with a second between.
travis_retry() {
  local attempt result=0
  for attempt in 1 2 3; do
    if ((attempt > 1)); then
      echo "The command \"$*\" failed. Retrying, $attempt of 3." >&2
    fi
    "$@" && return 0
    result=$?
    sleep "${UNDERSTUDY_RETRY_S:-1}"
  done
  echo "The command \"$*\" failed 3 times." >&2
  return "$result"
}

# Runs a command that prints nothing for a long time, for so many minutes (20 unless said): a line a minute tells that it
# goes on, what it prints is shown once it has ended. It is no shell function and no builtin of the line itself.
travis_wait() {
  local minutes=20 log command teller result
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    minutes=$1
    shift
  fi
  log=travis_wait_$$.log
  "$@" &>"$log" &
  command=$!
  travis_jigger "$command" "$minutes" "$@" &
  teller=$!
  wait "$command" 2>/dev/null
  result=$?
  kill "$teller" 2>/dev/null
  wait "$teller" 2>/dev/null
  printf '\nThe command %s exited with %s.\n\nLog:\n\n' "$*" "$result"
  cat "$log"
  return "$result"
}

travis_jigger() {
  local command=$1 minutes=$2 minute pause
  shift 2
  trap 'kill "$pause" 2>/dev/null; exit' TERM
  for ((minute = 1; minute <= minutes; minute++)); do
    printf 'Still running (%s of %s): %s\n' "$minute" "$minutes" "$*"
    sleep "${UNDERSTUDY_MINUTE_S:-60}" &
    pause=$!
    wait "$pause"
  done
  printf '\nTimeout (%s minutes) reached. Terminating "%s"\n\n' "$minutes" "$*"
  kill -9 "$command" 2>/dev/null
}

# The log of the service is folded at these lines.
travis_fold() {
  printf 'travis_fold:%s:%s\n' "${1:-}" "${2:-}"
}

travis_nanoseconds() {
  date -u +%s%N
}

travis_time_start() {
  TRAVIS_TIMER_ID=$(printf '%08x' "$((RANDOM * RANDOM))")
  TRAVIS_TIMER_START_TIME=$(travis_nanoseconds)
  export TRAVIS_TIMER_ID TRAVIS_TIMER_START_TIME
  printf 'travis_time:start:%s\n' "$TRAVIS_TIMER_ID"
}

travis_time_finish() {
  local result=$? now
  now=$(travis_nanoseconds)
  printf 'travis_time:end:%s:start=%s,finish=%s,duration=%s\n' \
    "${TRAVIS_TIMER_ID:-}" "${TRAVIS_TIMER_START_TIME:-$now}" "$now" "$((now - ${TRAVIS_TIMER_START_TIME:-$now}))"
  return "$result"
}

travis_cmd() {
  local line=$1 option retry= strict= result
  shift
  for option; do
    case $option in
      --retry) retry=travis_retry ;;
      --assert) strict=yes ;;
      --echo) printf '$ %s\n' "$line" ;;
    esac
  done
  TRAVIS_CMD=$line
  export TRAVIS_CMD
  $retry eval "$line"
  result=$?
  if [[ $strict ]]; then travis_assert "$result"; fi
  return "$result"
}

# A version as a number that compares: 1.2.3 comes to 1002003.
travis_vers2int() {
  local major minor patch rest
  IFS=. read -r major minor patch rest <<<"${1//[^0-9.]/}"
  echo "$((10#${major:-0} * 1000000 + 10#${minor:-0} * 1000 + 10#${patch:-0}))"
}

travis_apt_get_update() {
  command -v apt-get >/dev/null || return 0
  sudo apt-get update -yq >"$TRAVIS_HOME/apt-get-update.log" 2>&1
}

travis_download() {
  local from=$1 to=${2:-$(basename "$1")}
  if command -v curl >/dev/null; then curl -sSfL -o "$to" "$from"; else wget -q -O "$to" "$from"; fi
}

travis_cleanup() {
  :
}
