# actions/download-artifact: lays the artifacts that were handed over in $UNDERSTUDY_HANDED, a folder each, where they
# are wanted.

target=${INPUT_PATH:-.}
case $target in '~') target=$HOME ;; '~/'*) target=$HOME/${target#\~/} ;; esac
mkdir -p "$target"
target=$(cd "$target" && pwd)
handed=$UNDERSTUDY_HANDED
case $handed in '~/'*) handed=$HOME/${handed#\~/} ;; esac
mkdir -p "$handed"

wanted() {
  case $INPUT_PATTERN in
    "") return 0 ;;
  esac
  # Braces as in `{a,b}-*` are several patterns.
  printf '%s\n' "$INPUT_PATTERN" | awk '
    function spread(text,   start, end, inner, count, options, i) {
      start = index(text, "{")
      end = index(text, "}")
      if (start == 0 || end < start) { print text; return }
      inner = substr(text, start + 1, end - start - 1)
      count = split(inner, options, ",")
      for (i = 1; i <= count; i++) spread(substr(text, 1, start - 1) options[i] substr(text, end + 1))
    }
    { spread($0) }
  ' >"$temporary/understudy-patterns.$$"
  while IFS= read -r pattern; do
    case $1 in $pattern) rm -f "$temporary/understudy-patterns.$$"; return 0 ;; esac
  done <"$temporary/understudy-patterns.$$"
  rm -f "$temporary/understudy-patterns.$$"
  return 1
}

lay() {
  mkdir -p "$2"
  cp -R "$1/." "$2/"
}

if [ "$INPUT_NAME" ]; then
  if [ ! -d "$handed/$INPUT_NAME" ]; then
    rm -rf "$handed"
    refuse "Unable to download artifact(s): Artifact not found for name: $INPUT_NAME" \
      "No job or step before this one has uploaded it in this run."
  fi
  lay "$handed/$INPUT_NAME" "$target"
  echo "Laid out $INPUT_NAME in $target"
else
  count=0
  for folder in "$handed"/*; do
    [ -d "$folder" ] && wanted "${folder##*/}" && count=$((count + 1))
  done || :
  for folder in "$handed"/*; do
    [ -d "$folder" ] && wanted "${folder##*/}" || continue
    if [ "$INPUT_MERGE_MULTIPLE" = true ]; then
      lay "$folder" "$target"
    else
      lay "$folder" "$target/${folder##*/}"
    fi
    echo "Laid out ${folder##*/}"
  done
  echo "Total of $count artifact(s) downloaded"
fi
rm -rf "$handed"
output download-path "$target"
