# What the scripts of all built-in actions share. POSIX sh.

output() {
  printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

variable() {
  printf '%s=%s\n' "$1" "$2" >>"${GITHUB_ENV:-/dev/null}"
}

first_on_path() {
  printf '%s\n' "$1" >>"${GITHUB_PATH:-/dev/null}"
}

refuse() {
  printf '::error::%s\n' "$1"
  shift
  for line in "$@"; do printf '%s\n' "$line"; done
  exit 1
}

temporary=${RUNNER_TEMP:-${TMPDIR:-/tmp}}
