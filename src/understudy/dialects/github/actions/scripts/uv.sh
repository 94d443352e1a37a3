# astral-sh/setup-uv: takes the room's uv where its version fits, else installs one with pip into a folder of its own.

version_of() {
  "$1" --version 2>/dev/null | awk '{ print $2 }'
}

wanted=$INPUT_VERSION
if [ -z "$wanted" ]; then
  for file in "$INPUT_VERSION_FILE" uv.toml pyproject.toml; do
    [ -z "$file" ] || [ ! -f "$file" ] || [ "$wanted" ] ||
      wanted=$(sed -n 's/^[ \t]*required-version[ \t]*=[ \t]*["'\'']\([^"'\'']*\)["'\''].*/\1/p' "$file" | head -n 1)
  done
fi
[ "$wanted" != latest ] || wanted=
program=$(command -v uv || :)
if [ "$program" ] && [ "$wanted" ]; then
  [ "$(printf '%s\t.\n' "$(version_of "$program")" | best "$wanted")" ] || program=
fi
if [ -z "$program" ]; then
  folder=$temporary/understudy-uv
  case $wanted in "") package=uv ;; [0-9]*.*.*) package="uv==$wanted" ;; [0-9]*) package="uv==$wanted.*" ;; *) package="uv$wanted" ;; esac
  python=$(command -v python3 || command -v python) || refuse "This room has neither uv nor a Python to install it with."
  echo "Installing $package with pip."
  "$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --prefix "$folder" "$package" ||
    refuse "There is no uv${wanted:+ $wanted} in this room, and pip could not install it." "Install uv on this machine, or run where there is a network."
  program=$folder/bin/uv
  [ -x "$program" ] || program=$folder/local/bin/uv
fi
first_on_path "${program%/*}"
version=$(version_of "$program")
output uv-version "$version"
output uv-path "$program"
output uvx-path "${program}x"
echo "uv $version: $program"
[ -z "$INPUT_PYTHON_VERSION" ] || variable UV_PYTHON "$INPUT_PYTHON_VERSION"
output python-version "$INPUT_PYTHON_VERSION"
# uv looks for Pythons on PATH; those that this machine has elsewhere are named to it.
saved=$IFS
IFS=:
for folder in ${UNDERSTUDY_PYTHONS:-}; do
  for prefix in "$folder"/"${INPUT_PYTHON_VERSION:-none}" "$folder"/"${INPUT_PYTHON_VERSION:-none}".*; do
    [ ! -x "$prefix/bin/python3" ] || [ -z "$INPUT_PYTHON_VERSION" ] || python_there=$prefix/bin/python3
  done
done
IFS=$saved
[ -z "${python_there:-}" ] || variable UV_PYTHON "$python_there"
# Others that it is asked for later (`uv run --python 3.12`) come last on PATH, by their long names alone: it would
# fetch them elsewhere. Not those that the job shares with this machine, since it may install into them.
links=$temporary/understudy-uv-pythons
IFS=:
for folder in ${UNDERSTUDY_PYTHONS:-}; do
  for there in "$folder"/3.*/bin/python3.*; do
    name=${there##*/}
    case ${name#python3.} in *[!0-9]*) continue ;; esac
    [ "${UNDERSTUDY_PYTHONS_SHARED:-}" != true ] && [ -x "$there" ] || continue
    mkdir -p "$links"
    ln -sf "$there" "$links/$name"
  done
done
IFS=$saved
[ ! -d "$links" ] || variable PATH "$PATH:$links"
cache=${INPUT_CACHE_LOCAL_PATH:-${UV_CACHE_DIR:-$HOME/.cache/uv}}
variable UV_CACHE_DIR "$cache"
output cache-dir "$cache"
if [ "$INPUT_ACTIVATE_ENVIRONMENT" = true ]; then
  environment=$(pwd)/.venv
  UV_PYTHON=${python_there:-$INPUT_PYTHON_VERSION}
  [ -z "$UV_PYTHON" ] || export UV_PYTHON
  "$program" venv --allow-existing "$environment"
  variable VIRTUAL_ENV "$environment"
  first_on_path "$environment/bin"
  output venv "$environment"
fi
