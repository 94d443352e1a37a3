# actions/upload-artifact/merge: lays the artifacts that the pattern matches together in one folder.

case $INPUT_NAME in
  "") refuse "Input required and not supplied: name" ;;
  *[\":\<\>\|\*\?\\/]*) refuse "The artifact name is not valid: $INPUT_NAME" 'Not allowed: " : < > | * ? \ /' ;;
esac
folder=$temporary/understudy-artifacts/$$/$INPUT_NAME
rm -rf "$folder"
mkdir -p "$folder"
count=0
for one in "$handed"/*; do
  [ -d "$one" ] && wanted "${one##*/}" || continue
  if [ "$INPUT_SEPARATE_DIRECTORIES" = true ]; then lay "$one" "$folder/${one##*/}"; else lay "$one" "$folder"; fi
  echo "- ${one##*/}"
  count=$((count + 1))
done
rm -rf "$handed"
[ "$count" != 0 ] || refuse "No artifacts found matching pattern '$INPUT_PATTERN'"
# https://github.com/actions/upload-artifact/blob/main/merge/README.md: hidden files only where they are asked for
if [ "$INPUT_INCLUDE_HIDDEN_FILES" != true ]; then
  find "$folder" -mindepth 1 -name '.*' -prune -exec rm -rf {} +
fi
echo "The $count artifact(s) have been merged"
output folder "$folder"
output artifact-id "$(printf '%s' "${GITHUB_RUN_ID:-}${GITHUB_JOB:-}$INPUT_NAME" | cksum | cut -d ' ' -f 1)"
output artifact-url ""
