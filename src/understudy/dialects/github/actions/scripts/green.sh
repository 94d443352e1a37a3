# re-actors/alls-green: fails unless every job that is needed passed, but for those that may fail or be skipped.

# What `toJSON(needs)` gives has the name of a job two columns in, and its result four; `NAME<TAB>RESULT` of each.
results() {
  printf '%s\n' "$INPUT_JOBS" | awk '
    /^  "[^"]*": [{]/ { split($0, parts, "\""); name = parts[2] }
    /^    "result": "/ { split($0, parts, "\""); print name "\t" parts[4] }
  '
}

# A list as JSON, or with commas between; one a line.
names() {
  printf '%s\n' "$1" | tr -d '[]"' | tr ',' '\n' | sed 's/^[ \t]*//; s/[ \t\r]*$//; /^$/d'
}

jobs=$temporary/understudy-jobs.$$
may_fail=$temporary/understudy-may-fail.$$
may_skip=$temporary/understudy-may-skip.$$
results >"$jobs"
names "$INPUT_ALLOWED_FAILURES" >"$may_fail"
names "$INPUT_ALLOWED_SKIPS" >"$may_skip"
[ -s "$jobs" ] || refuse "There are no needed jobs in the input \`jobs\`: it must be \`\${{ toJSON(needs) }}\`."
green=true
while IFS='	' read -r name result; do
  verdict=
  if grep -qxF -e "$name" "$may_skip"; then
    case $result in success | skipped) ;; *) verdict=", and is required to succeed or to be skipped" green=false ;; esac
  elif grep -qxF -e "$name" "$may_fail"; then
    [ "$result" = success ] || verdict=", which it may"
  elif [ "$result" != success ]; then
    verdict=", and is required to succeed"
    green=false
  fi
  printf '%s: %s%s\n' "$name" "$result" "$verdict"
done <"$jobs" >"$jobs.told"
cat "$jobs.told"
sed 's/^/- /' "$jobs.told" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
rm -f "$jobs" "$jobs.told" "$may_fail" "$may_skip"
output success "$green"
if [ "$green" = true ]; then
  output result success
  output failure false
else
  output result failure
  output failure true
  refuse "Not every job that is required succeeded."
fi
