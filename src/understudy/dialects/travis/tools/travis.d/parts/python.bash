# travis_use_python VERSION [--system-site-packages]: a virtual environment of that version, which the shell is in from
# now on. https://docs.travis-ci.com/user/languages/python/#use-isolated-virtualenvs
travis_use_python() {
  local wanted=$1 system=${2:-} python folder
  folder=$HOME/virtualenv/python$wanted${system:+_with_system_site_packages}
  [[ $wanted == pypy* ]] && folder=$HOME/virtualenv/$wanted
  python=$(__understudy_python "$wanted")
  if [[ -z $python ]]; then
    __understudy_tell missing "this room has no Python $wanted"
    echo "Python $wanted is not in this room (looked for it with pyenv, with uv, in /opt/python and on PATH)."
    return 1
  fi
  if [[ ! -f $folder/bin/activate ]]; then
    __understudy_virtualenv "$python" "$folder" "$system" || return
  fi
  echo "source ${folder/#$HOME/\~}/bin/activate"
  source "$folder/bin/activate" || return
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off
  __understudy_seed "$folder"
  python --version
  pip --version
  __understudy_close "$wanted" "$(python -c 'import sys; print(".".join(map(str, sys.version_info[:3])))')"
}

# The best Python here for a version: the same, or the newest of its minor version.
__understudy_python() {
  local wanted=${1%-dev} found
  case $wanted in
    pypy*)
      wanted=${wanted%%-*}
      command -v "$wanted" || { [[ $wanted == pypy3* ]] && command -v pypy3; }
      return
      ;;
    nightly) wanted= ;;
  esac
  found=$(__understudy_pythons | sort -t . -k 1,1n -k 2,2n -k 3,3n | awk -F '\t' -v wanted="$wanted" '
    BEGIN { split(wanted, part, "."); minor = part[1] (part[2] == "" ? "" : "." part[2]) }
    $1 == wanted { exact = $2 }
    wanted == "" || index($1 ".", minor ".") == 1 { near = $2 }
    END { print exact != "" ? exact : near }')
  if [[ -z $found && -n $wanted ]] && command -v uv >/dev/null; then
    uv python install --quiet "$wanted" >&2 && found=$(uv python find --no-project "$wanted" 2>/dev/null)
  fi
  echo "$found"
}

# Every Python of the room: its version, a tab, its program.
__understudy_pythons() {
  local parent program name version IFS=:
  for parent in ${UNDERSTUDY_PYTHONS:-} /opt/python /opt/hostedtoolcache/Python "$HOME/.pyenv/versions"; do
    for program in "$parent"/*/bin/python "$parent"/*/bin/python3 "$parent"/*/x64/bin/python; do
      [[ -x $program ]] || continue
      name=${program#"$parent"/}
      name=${name%%/*}
      name=${name#cpython-}
      [[ ${name%%-*} =~ ^[0-9]+\.[0-9]+(\.[0-9]+)?$ ]] && printf '%s\t%s\n' "${name%%-*}" "$program"
    done
  done
  # Without its tool folder in front: what lies there only leads to one of the others.
  for name in python3 python2 python python2.7 python3.{4..16}; do
    program=$(command -v "$name") || continue
    version=$("$program" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' 2>/dev/null) || continue
    printf '%s\t%s\n' "$version" "$program"
  done
}

__understudy_virtualenv() {
  local python=$1 folder=$2 system=$3 maker
  if "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    "$python" -m venv $system "$folder"
    return
  fi
  if "$python" -c 'import virtualenv' 2>/dev/null; then
    "$python" -m virtualenv --quiet $system "$folder"
    return
  fi
  # virtualenv 20.21 is the last that makes environments of Python 2.7 and 3.6.
  maker=$HOME/.understudy/virtualenv
  "$python" -m pip install --quiet --disable-pip-version-check --target "$maker" 'virtualenv<20.22' 2>/dev/null &&
    PYTHONPATH=$maker "$python" -m virtualenv --quiet $system "$folder"
}

# Travis's environments have setuptools and wheel, and some test tools: those are installed that the project speaks of.
# https://github.com/travis-ci/travis-cookbooks (travis_python)
__understudy_seed() {
  local folder=$1 package name missing=()
  [[ -f $folder/.seeded ]] && return
  python -c 'import setuptools' 2>/dev/null || missing+=(setuptools)
  python -c 'import wheel' 2>/dev/null || missing+=(wheel)
  for package in pytest nose mock numpy; do
    if __understudy_speaks_of "$package"; then missing+=("$package"); fi
  done
  if ((${#missing[@]})); then
    echo "pip install ${missing[*]}"
    if ! pip install --quiet --retries 1 "${missing[@]}" >/dev/null 2>&1; then
      for name in "${missing[@]}"; do
        pip install --quiet --retries 1 "$name" 2>&1 | grep -v DEPRECATION || true
      done
    fi
  fi
  : >"$folder/.seeded"
}

__understudy_speaks_of() {
  local words=$1
  case $1 in
    pytest) words='pytest|py\.test' ;;
    nose) words='nosetests?|nose' ;;
  esac
  (
    cd "$TRAVIS_BUILD_DIR" || exit
    grep -qsE "(^|[^A-Za-z0-9_.-])($words)([^A-Za-z0-9_-]|\$)" .travis.yml Makefile ./*.sh
  ) && return
  grep -rqsE --include='*.py' "^[[:space:]]*(import|from)[[:space:]]+($1)([[:space:].,]|\$)" "$TRAVIS_BUILD_DIR"
}

__understudy_close() {
  local wanted=${1%-dev}
  case $wanted in
    nightly) __understudy_warn "the job asks for a Python of tonight, and runs on $2" ;;
    pypy*) return 0 ;;
    *.*.*) [[ $2 == "$wanted" ]] || __understudy_warn "the job asks for Python $wanted, and runs on $2" ;;
  esac
  return 0
}
