# The shell of a job: performs what `travis-step` orders, one after another, and says how each ended.
# What it keeps for itself has names that no line would choose. https://docs.travis-ci.com/user/job-lifecycle/
__understudy_folder=${BASH_SOURCE[0]%/*}
__understudy_state=$1
exec 8<>"$1/orders" 9<>"$1/replies"
export TRAVIS_TEST_RESULT= TRAVIS_CMD= TRAVIS_TMPDIR="$1/tmp"
# https://docs.travis-ci.com/user/environment-variables/#default-environment-variables, in a room that has it.
if [[ -n $(locale -a 2>/dev/null | grep -i '^en_US\.utf-\?8$') ]]; then export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8; fi
source "$__understudy_folder/functions.bash"
for __understudy_part in "$__understudy_folder"/parts/*.bash; do source "$__understudy_part"; done
mkdir -p "$TRAVIS_HOME/.travis" && cp "$__understudy_folder/functions.bash" "$TRAVIS_HOME/.travis/functions"
# Programs of the service's machines that a room may lack; its own go before them.
if [[ $EUID == 0 ]]; then export PATH="$PATH:$__understudy_folder/otherwise"; fi
cd "$TRAVIS_BUILD_DIR" || exit 2

# As there, a line is evaluated inside of a function: `local` works, and what `declare` declares ends with the line.
__understudy_perform() {
  TRAVIS_CMD=$(<"$1")
  export TRAVIS_CMD
  eval "$TRAVIS_CMD" 8>&- 9>&-
}

__understudy_script() {
  __understudy_perform "$1"
  local result=$?
  travis_result "$result" >/dev/null
  return "$result"
}

# After the script there is a result, be it of no line at all.
__understudy_after() {
  export TRAVIS_TEST_RESULT="${TRAVIS_TEST_RESULT:-0}"
  __understudy_perform "$1"
}

while IFS=' ' read -r -u 8 __understudy_kind __understudy_out __understudy_file; do
  exec </dev/null >>"$__understudy_out" 2>&1
  case $__understudy_kind in
    script) __understudy_script "$__understudy_file" ;;
    after) __understudy_after "$__understudy_file" ;;
    *) __understudy_perform "$__understudy_file" ;;
  esac
  __understudy_result=$?
  exec >/dev/null 2>&1
  printf '%s\n' "$__understudy_result" >&9
done
