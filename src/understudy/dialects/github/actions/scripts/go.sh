# actions/setup-go: finds the wanted Go among those that the room has, and puts it first on PATH.

# Lines `VERSION<TAB>FOLDER`.
installed() {
  for folder in "${RUNNER_TOOL_CACHE:-/opt/hostedtoolcache}/go" /opt/hostedtoolcache/go; do
    for prefix in "$folder"/[0-9]*/*; do
      version=${prefix%/*}
      [ ! -x "$prefix/bin/go" ] || printf '%s\t%s\n' "${version##*/}" "$prefix/bin"
    done
  done
  for program in "$(command -v go || :)" /usr/local/go/bin/go /usr/lib/go/bin/go; do
    [ -x "$program" ] || continue
    version=$(GOTOOLCHAIN=local "$program" env GOVERSION 2>/dev/null) || continue
    printf '%s\t%s\n' "${version#go}" "${program%/*}"
  done
}

wanted=$INPUT_GO_VERSION
if [ -z "$wanted" ] && [ "$INPUT_GO_VERSION_FILE" ]; then
  [ -f "$INPUT_GO_VERSION_FILE" ] || refuse "The specified go version file at: $INPUT_GO_VERSION_FILE does not exist"
  case $INPUT_GO_VERSION_FILE in
    *go.mod | *go.work)
      wanted=$(awk '$1 == "go" && go == "" { go = $2 } $1 == "toolchain" { go = substr($2, 3) } END { print go }' "$INPUT_GO_VERSION_FILE") ;;
    *.tool-versions) wanted=$(awk '$1 == "golang" { print $2; exit }' "$INPUT_GO_VERSION_FILE") ;;
    *) wanted=$(head -n 1 "$INPUT_GO_VERSION_FILE" | tr -d ' \r') ;;
  esac
fi
case $wanted in stable | oldstable | "") range='*' ;; *) range=${wanted#go} ;; esac
found=$(installed | best "$range")
[ "$found" ] || refuse "There is no Go $wanted in this room; there are: $(installed | listed)." \
  "Install it on this machine, or use an image that has it."
version=$(printf '%s' "$found" | cut -f 1)
folder=$(printf '%s' "$found" | cut -f 2)
first_on_path "$("$folder/go" env GOPATH)/bin"
first_on_path "$folder"
output go-version "$version"
echo "Go $version: $folder/go"
