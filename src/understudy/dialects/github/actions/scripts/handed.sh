# The artifacts that were handed over: a folder each in $handed.

handed=$UNDERSTUDY_HANDED
case $handed in '~/'*) handed=$HOME/${handed#\~/} ;; esac
mkdir -p "$handed"

# Whether INPUT_PATTERN matches the artifact $1; none matches all.
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
