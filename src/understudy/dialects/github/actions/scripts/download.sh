# actions/download-artifact: lays the artifacts that were handed over in $UNDERSTUDY_HANDED, a folder each, where they
# are wanted.

target=${INPUT_PATH:-.}
case $target in '~') target=$HOME ;; '~/'*) target=$HOME/${target#\~/} ;; esac
mkdir -p "$target"
target=$(cd "$target" && pwd)
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
