# actions/setup-python: finds the wanted Pythons among those that the room has, and puts the last one first on PATH.

asks_version='import sys; print("%d.%d.%d" % sys.version_info[:3] + ("" if sys.version_info[3] == "final" else sys.version_info[3][:2].rstrip("elh") + str(sys.version_info[4])))'

# Lines `VERSION<TAB>PREFIX<TAB>EXECUTABLE<TAB>KIND`; `free` is a build without the global lock, `plain` any other.
in_folders() {
  for folder in "${RUNNER_TOOL_CACHE:-/opt/hostedtoolcache}/Python" /opt/hostedtoolcache/Python; do
    for prefix in "$folder"/[0-9]*/*; do
      version=${prefix%/*}
      one "${version##*/}" "$prefix"
    done
  done
  saved=$IFS
  IFS=:
  set -- ${UNDERSTUDY_PYTHONS:-}
  IFS=$saved
  for folder in "$@" "${PYENV_ROOT:-$HOME/.pyenv}/versions" "$HOME/.local/share/uv/python" /opt/pyenv/versions; do
    for prefix in "$folder"/[0-9]*; do one "${prefix##*/}" "$prefix"; done
    for prefix in "$folder"/cpython-[0-9]*; do
      version=${prefix##*/cpython-}
      one "${version%%-*}" "$prefix"
    done
  done
}

# The same for what is on PATH, each asked for its version.
on_path() {
  saved=$IFS
  IFS=:
  for folder in $PATH; do
    IFS=$saved
    case $folder in */shims) continue ;; esac
    for executable in "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9] "$folder"/python3 "$folder"/python; do
      [ -x "$executable" ] || continue
      version=$("$executable" -I -S -c "$asks_version" 2>/dev/null) || continue
      prefix=$("$executable" -I -S -c 'import sys; print(sys.prefix)' 2>/dev/null) || continue
      printf '%s\t%s\t%s\tplain\n' "$version" "$prefix" "$executable"
    done
  done
  IFS=$saved
}

one() {
  case $1 in *[!0-9.abrct+]*) return ;; esac
  [ -x "$2/bin/python3" ] && [ ! -L "$2" ] || return 0
  case $1 in
    *t) printf '%s\t%s\t%s\tfree\n' "${1%t}" "$2" "$2/bin/python3" ;;
    *) printf '%s\t%s\t%s\tplain\n' "${1%+*}" "$2" "$2/bin/python3" ;;
  esac
}

# The versions that a file asks for, one a line.
from_file() {
  [ -f "$1" ] || refuse "The specified python version file at: $1 doesn't exist."
  case $1 in
    *pyproject.toml)
      awk '
        /^[ \t]*\[/ { table = $0; gsub(/[][ \t]/, "", table) }
        table == "project" && /^[ \t]*requires-python[ \t]*=/ { print value($0); exit }
        table == "tool.poetry.dependencies" && /^[ \t]*python[ \t]*=/ { print value($0); exit }
        function value(line) { sub(/^[^=]*=[ \t]*/, "", line); gsub(/["\047]|[ \t]*#.*$/, "", line); return line }
      ' "$1" ;;
    *Pipfile)
      awk '/^[ \t]*python_(full_)?version[ \t]*=/ { sub(/^[^=]*=[ \t]*/, ""); gsub(/["\047 \t]/, ""); print; exit }' "$1" ;;
    *.tool-versions) awk '$1 == "python" { print $2; exit }' "$1" ;;
    *) sed 's/#.*//; s/^[ \t]*//; s/[ \t\r]*$//; s/^python-//; /^$/d' "$1" ;;
  esac
}

wanted=$INPUT_PYTHON_VERSION
[ "$wanted" ] || [ -z "$INPUT_PYTHON_VERSION_FILE" ] || wanted=$(from_file "$INPUT_PYTHON_VERSION_FILE") || {
  printf '%s\n' "$wanted"
  exit 1
}
if [ -z "$wanted" ] && [ -z "$INPUT_PYTHON_VERSION_FILE" ] && [ -f .python-version ]; then
  wanted=$(from_file .python-version)
fi
if [ -z "$wanted" ]; then
  echo "::warning::The \`python-version\` input is not set.  The version of Python currently in \`PATH\` will be used."
  executable=$(command -v python3 || command -v python) || refuse "No version is asked for, and this room has no Python."
  output python-version "$("$executable" -I -S -c "$asks_version")"
  output python-path "$executable"
  exit 0
fi

# A folder with the usual names of a Python that has none of its own to put first on PATH.
launchers() {
  folder=$temporary/understudy-python/$2/bin
  mkdir -p "$folder"
  for name in python python3 "python${2%.*}"; do
    printf '#!/bin/sh\nexec %s "$@"\n' "$1" >"$folder/$name"
  done
  for name in pip pip3; do
    printf '#!/bin/sh\nexec %s -m pip "$@"\n' "$1" >"$folder/$name"
  done
  chmod 755 "$folder"/*
}

of_kind() {
  awk -F '\t' -v kind="$kind" '$4 == kind'
}

set_up() {
  range=$1
  kind=plain
  unfinished=$INPUT_ALLOW_PRERELEASES
  [ "$INPUT_FREETHREADED" != true ] || kind=free
  case $range in
    pypy* | graalpy*) refuse "\`$range\` is not CPython: Understudy finds no PyPy or GraalPy; use an image that has it." ;;
    *-dev) range=${range%-dev} unfinished=true ;;
  esac
  case $range in [0-9]*[0-9]t) range=${range%t} kind=free ;; esac
  found=
  # Asking each on PATH for its version takes time: only where the folders have none of just this version.
  case $range in *[!0-9.]*) ;; *) found=$(in_folders | of_kind | best "$range" "$unfinished") ;; esac
  [ "$found" ] || found=$({ in_folders; on_path; } | of_kind | best "$range" "$unfinished")
  if [ -z "$found" ] && command -v uv >/dev/null 2>&1 && [ "$kind" = plain ]; then
    echo "No Python $1 is here; asking uv for it."
    executable=$(uv python install --quiet "$range" 2>/dev/null && uv python find --no-project "$range" 2>/dev/null) || executable=
    if [ -x "$executable" ]; then
      prefix=${executable%/bin/*}
      found=$(printf '%s\t%s\t%s\tplain' "$("$executable" -I -S -c "$asks_version")" "$prefix" "$executable")
    fi
  fi
  if [ -z "$found" ]; then
    short=${range%%[!0-9.]*}
    refuse "There is no Python $1 in this room; there are: $({ in_folders; on_path; } | listed)." \
      "Install it on this machine (pyenv install ${short:-VERSION}, or uv python install ${short:-VERSION}), or use an image that has it."
  fi
  version=$(printf '%s' "$found" | cut -f 1)
  prefix=$(printf '%s' "$found" | cut -f 2)
  executable=$(printf '%s' "$found" | cut -f 3)
  own=true
  folder=$prefix/bin
  if [ "${UNDERSTUDY_PYTHONS_SHARED:-}" = true ]; then
    # This machine's own: what the job installs must not get into it.
    prefix=$temporary/understudy-python/$version
    folder=$prefix/bin
    "$executable" -I -m venv --without-pip --system-site-packages --clear "$prefix"
    for name in pip pip3; do printf '#!/bin/sh\nexec "%s/python" -m pip "$@"\n' "$folder" >"$folder/$name"; done
    chmod 755 "$folder/pip" "$folder/pip3"
    executable=$folder/python3
  fi
  case $executable in "$prefix"/bin/*) ;; *) own=false ;; esac
  case $prefix in /usr | /usr/local | /) own=false ;; esac
  [ -x "$folder/python" ] || own=false
  [ "$own" = true ] || launchers "$executable" "$version"
  if [ "$INPUT_UPDATE_ENVIRONMENT" != false ]; then
    for name in pythonLocation Python_ROOT_DIR Python2_ROOT_DIR Python3_ROOT_DIR; do variable "$name" "${folder%/bin}"; done
    if [ "$own" = true ]; then
      variable PKG_CONFIG_PATH "$prefix/lib/pkgconfig"
      variable LD_LIBRARY_PATH "$prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    elif [ -e "$prefix/lib/python${version%.*}/EXTERNALLY-MANAGED" ]; then
      variable PIP_BREAK_SYSTEM_PACKAGES 1
    fi
    first_on_path "$folder"
  fi
  echo "Successfully set up CPython ($version): $executable"
}

printf '%s\n' "$wanted" >"$temporary/understudy-versions.$$"
while IFS= read -r line; do
  line=$(printf '%s' "$line" | sed 's/^[ \t]*//; s/[ \t\r]*$//')
  [ -z "$line" ] || set_up "$line"
done <"$temporary/understudy-versions.$$"
rm -f "$temporary/understudy-versions.$$"
output python-version "$version"
[ ! -x "$folder/python" ] || executable=$folder/python
output python-path "$executable"
if [ "$INPUT_PIP_VERSION" ]; then "$executable" -m pip install "pip==$INPUT_PIP_VERSION"; fi
if [ "$INPUT_PIP_INSTALL" ]; then "$executable" -m pip install $INPUT_PIP_INSTALL; fi
