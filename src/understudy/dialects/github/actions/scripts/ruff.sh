# astral-sh/ruff-action: the room's Ruff where its version will do, else one that pip installs into a folder of its own.

version_of() {
  "$1" --version 2>/dev/null | awk '{ print $2 }'
}

# The version that a file of the project pins, from pyproject.toml, a list of requirements or uv.lock.
pinned() {
  [ -f "$1" ] || return 0
  case $1 in
    *uv.lock) awk '/^name = "ruff"$/ { found = 1 } found && /^version = / { gsub(/version = |"/, ""); print; exit }' "$1" ;;
    *) sed -n 's/^[^#]*\bruff[ \t]*\(\(==\|~=\|>=\|<=\|<\|>\|!=\)[ \t]*[0-9][^"'\'';#]*\).*/\1/p' "$1" | head -n 1 | tr -d ' \t' ;;
  esac
}

wanted=$INPUT_VERSION
[ "$wanted" ] || wanted=$(pinned "${INPUT_VERSION_FILE:-pyproject.toml}")
[ "$wanted" != latest ] || wanted=
case $wanted in [0-9]*) wanted="==$wanted" ;; esac
program=$(command -v ruff || :)
[ -z "$program" ] || [ -z "$wanted" ] || [ "==$(version_of "$program")" = "$wanted" ] || program=
folder=$temporary/understudy-ruff
if [ -z "$program" ] && [ -x "$folder/path/ruff" ] && [ "$(cat "$folder/wanted")" = "$wanted" ]; then
  program=$folder/path/ruff
elif [ -z "$program" ]; then
  python=$(command -v python3 || command -v python) || refuse "This room has neither Ruff nor a Python to install it with."
  echo "Installing ruff$wanted with pip."
  make_apart ruff "$python"
  install_apart "ruff$wanted" ||
    refuse "There is no ruff$wanted in this room, and pip could not install it." "Run where there is a network, or use an image that has it."
  printf '%s' "$wanted" >"$folder/wanted"
  program=$folder/path/ruff
fi
first_on_path "${program%/*}"
output ruff-version "$(version_of "$program")"
[ "${RUFF_OUTPUT_FORMAT:-}" ] || export RUFF_OUTPUT_FORMAT=github
eval "set -- $INPUT_ARGS"
printf '%s\n' "${INPUT_SRC:-.}" >"$temporary/understudy-sources.$$"
while IFS= read -r place; do [ -z "$place" ] || set -- "$@" $place; done <"$temporary/understudy-sources.$$"
rm -f "$temporary/understudy-sources.$$"
exec "$program" "$@"
