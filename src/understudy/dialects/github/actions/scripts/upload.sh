# actions/upload-artifact: gathers the files that the patterns match into a folder, as they will lie in the artifact.

folder=$temporary/understudy-artifacts/$$/${INPUT_NAME:-artifact}
case $INPUT_NAME in
  *[\":\<\>\|\*\?\\/]*) refuse "The artifact name is not valid: $INPUT_NAME" 'Not allowed: " : < > | * ? \ /' ;;
esac
[ "$INPUT_PATH" ] || refuse "Input required and not supplied: path"
rm -rf "$folder"
mkdir -p "$folder"
listing=$temporary/understudy-listing.$$

# Absolute patterns, one a line, with their order kept; `!` before those that leave out.
patterns() {
  printf '%s\n' "$INPUT_PATH" | while IFS= read -r line; do
    line=$(printf '%s' "$line" | sed 's/^[ \t]*//; s/[ \t\r]*$//')
    sign=
    case $line in '#'* | "") continue ;; '!'*) sign='!' line=${line#!} ;; esac
    case $line in
      '~') line=$HOME ;;
      '~/'*) line=$HOME/${line#\~/} ;;
      /*) ;;
      *) line=$(pwd)/$line ;;
    esac
    printf '%s%s\n' "$sign" "$(printf '%s' "$line" | awk -F / '{
      count = 0
      for (i = 1; i <= NF; i++) {
        if ($i == "" || $i == ".") continue
        if ($i == "..") { if (count) count--; continue }
        part[++count] = $i
      }
      text = ""
      for (i = 1; i <= count; i++) text = text "/" part[i]
      print text == "" ? "/" : text
    }')"
  done
}

# Where to look for a pattern: what stands before its first part with a wildcard.
openings() {
  patterns | awk -F / '!/^!/ {
    text = ""
    for (i = 2; i <= NF && $i !~ /[*?[]/; i++) text = text "/" $i
    print text == "" ? "/" : text
  }'
}

# The paths of the input that the patterns match; a pattern matches all below it too. The last that matches decides.
matched() {
  awk -v hidden="$INPUT_INCLUDE_HIDDEN_FILES" '
    # `*` and `?` within a part, `**` over parts; sets of letters as in a shell.
    function translated(glob,   i, letter, text, rest) {
      text = ""
      for (i = 1; i <= length(glob); i++) {
        letter = substr(glob, i, 1)
        rest = substr(glob, i)
        if (rest ~ /^\/\*\*\//) { text = text "/(.*/)?"; i += 3 }
        else if (rest ~ /^\/\*\*$/) { text = text "(/.*)?"; i += 2 }
        else if (letter == "*") { text = text "[^/]*"; while (substr(glob, i + 1, 1) == "*") i++ }
        else if (letter == "?") text = text "[^/]"
        else if (letter == "[" && match(rest, /^\[[!^]?[^]]+\]/)) {
          text = text "[" (substr(rest, 2, 1) ~ /[!^]/ ? "^" substr(rest, 3, RLENGTH - 2) : substr(rest, 2, RLENGTH - 1))
          i += RLENGTH - 1
        } else if (letter ~ /[].[(){}+^$|\\]/) text = text "[" letter "]"
        else text = text letter
      }
      gsub(/\[\^\]/, "\\^", text); gsub(/\[\\\]/, "\\\\", text)
      return "^" text "(/.*)?$"
    }
    FILENAME != "-" && FNR == NR {
      leave[++count] = /^!/
      sub(/^!/, "")
      pattern[count] = translated($0 == "/" ? "" : $0)
      opening = $0
      if (match(opening, /\/[^\/]*[*?[]/)) opening = substr(opening, 1, RSTART - 1)
      sub(/\/[^\/]*$/, "", opening)
      above[count] = length(opening)
      next
    }
    {
      taken = 0
      for (i = 1; i <= count; i++) if ($0 ~ pattern[i]) {
        if (leave[i]) taken = 0
        else if (hidden == "true" || substr($0, above[i] + 1) !~ /\/\./) taken = 1
      }
      if (taken) print
    }
  ' "$listing.patterns" "$listing.all"
}

patterns >"$listing.patterns"
openings | sort -u >"$listing.openings"
while IFS= read -r opening; do
  if [ -d "$opening" ]; then find -L "$opening" -type f 2>/dev/null || :; elif [ -f "$opening" ]; then printf '%s\n' "$opening"; fi
done <"$listing.openings" | sort -u >"$listing.all"
matched >"$listing"
count=$(wc -l <"$listing" | tr -d ' ')
if [ "$count" = 0 ]; then
  message="No files were found with the provided path: $(printf '%s' "$INPUT_PATH" | tr '\n' ' '). No artifacts will be uploaded."
  case $INPUT_IF_NO_FILES_FOUND in
    error) refuse "$message" ;;
    ignore) echo "$message" ;;
    *) echo "::warning::$message" ;;
  esac
  rm -f "$listing" "$listing".*
  output found false
  exit 0
fi
# The files keep their places below what all openings share: https://github.com/actions/upload-artifact#upload-using-multiple-paths-and-exclusions
root=$(awk '
  NR == 1 { count = split($0, common, "/"); next }
  { parts = split($0, part, "/"); if (parts < count) count = parts; for (i = 1; i <= count; i++) if (part[i] != common[i]) { count = i - 1; break } }
  END { text = common[1]; for (i = 2; i <= count; i++) text = text "/" common[i]; print text }
' "$listing.openings")
[ ! -f "$root" ] || root=${root%/*}
while IFS= read -r file; do
  inner=${file#"$root"/}
  case $inner in */*) mkdir -p "$folder/${inner%/*}" ;; esac
  { [ ! -L "$file" ] && ln "$file" "$folder/$inner" 2>/dev/null; } || cp -L "$file" "$folder/$inner"
done <"$listing"
rm -f "$listing" "$listing".*
echo "With the provided path, there will be $count file$([ "$count" = 1 ] || echo s) uploaded"
output found true
output folder "$folder"
output artifact-id "$(printf '%s' "${GITHUB_RUN_ID:-}${GITHUB_JOB:-}${INPUT_NAME:-artifact}" | cksum | cut -d ' ' -f 1)"
output artifact-url ""
