# actions/setup-node: finds the wanted Node among those that the room has, and puts it first on PATH.

# Lines `VERSION<TAB>FOLDER`, the folder being the one with the program.
installed() {
  for folder in "${RUNNER_TOOL_CACHE:-/opt/hostedtoolcache}/node" /opt/hostedtoolcache/node; do
    for prefix in "$folder"/[0-9]*/*; do
      version=${prefix%/*}
      [ ! -x "$prefix/bin/node" ] || printf '%s\t%s\n' "${version##*/}" "$prefix/bin"
    done
  done
  for prefix in "${NVM_DIR:-$HOME/.nvm}"/versions/node/v[0-9]* "$HOME"/.local/share/fnm/node-versions/v[0-9]*/installation; do
    version=${prefix%/installation}
    version=${version##*/v}
    [ ! -x "$prefix/bin/node" ] || printf '%s\t%s\n' "$version" "$prefix/bin"
  done
  for prefix in "$HOME"/.understudy/node/[0-9]*; do
    # What this machine keeps may be made for another system than this room's.
    ! "$prefix/bin/node" --version >/dev/null 2>&1 || printf '%s\t%s\n' "${prefix##*/}" "$prefix/bin"
  done
  if program=$(command -v node); then
    printf '%s\t%s\n' "$(node --version | sed 's/^v//')" "${program%/*}"
  fi
}

from_file() {
  [ -f "$1" ] || refuse "The specified node version file at: $1 does not exist"
  case $1 in
    *package.json)
      awk '
        /"volta"[ \t]*:/ { volta = 1 }
        /"(engines|devEngines)"[ \t]*:/ { engines = 1 }
        /"node"[ \t]*:/ && (volta || engines) {
          sub(/.*"node"[ \t]*:[ \t]*"/, ""); sub(/".*/, ""); print; exit
        }
      ' "$1" ;;
    *.tool-versions) awk '$1 == "nodejs" || $1 == "node" { print $2; exit }' "$1" ;;
    *) sed 's/#.*//; s/^[ \t]*//; s/[ \t\r]*$//; s/^v\([0-9]\)/\1/; /^$/d' "$1" | head -n 1 ;;
  esac
}

wanted=$INPUT_NODE_VERSION
[ "$wanted" ] || [ -z "$INPUT_NODE_VERSION_FILE" ] || wanted=$(from_file "$INPUT_NODE_VERSION_FILE") || {
  printf '%s\n' "$wanted"
  exit 1
}
case $wanted in
  lts/\* | lts/-* | lts/[a-z]*)
    # A long-term release has an even number; which of them a name means, no list here tells.
    found=$(installed | awk -F '[.\t]' '$1 % 2 == 0' | best '*') ;;
  latest | current | node | "") found=$(installed | best '*') ;;
  *) found=$(installed | best "${wanted#v}") ;;
esac
[ "$found" ] || refuse "There is no Node $wanted in this room; there are: $(installed | listed)." \
  "Install it on this machine, or use an image that has it."
version=$(printf '%s' "$found" | cut -f 1)
first_on_path "$(printf '%s' "$found" | cut -f 2)"
output node-version "v$version"
echo "Node $version: $(printf '%s' "$found" | cut -f 2)/node"
