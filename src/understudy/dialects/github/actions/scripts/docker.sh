# docker/build-push-action: builds with the container engine that the room can reach; nothing is pushed.

engine=$(command -v docker || command -v podman) || refuse "This room has no docker and no podman to build with."
"$engine" version >/dev/null 2>&1 ||
  refuse "No container engine answers in this room." "For files that you trust: \`--runtime docker --docker-in-jobs nested\`, or \`socket\`; or leave this step out."
set -- build
if [ "$INPUT_FILE" ]; then set -- "$@" --file "$INPUT_FILE"; fi
if [ "$INPUT_TARGET" ]; then set -- "$@" --target "$INPUT_TARGET"; fi
if [ "$INPUT_PULL" = true ]; then set -- "$@" --pull; fi
if [ "$INPUT_NO_CACHE" = true ]; then set -- "$@" --no-cache; fi
# Values are a line each, tags may stand with commas between them too.
lines=$temporary/understudy-lines.$$
printf '%s\n' "$INPUT_TAGS" | tr ',' '\n' | sed 's/^[ \t]*//; s/[ \t]*$//; /^$/d' >"$lines"
while IFS= read -r line; do set -- "$@" --tag "$line"; done <"$lines"
printf '%s\n' "$INPUT_BUILD_ARGS" | sed 's/^[ \t]*//; s/[ \t]*$//; /^$/d' >"$lines"
while IFS= read -r line; do set -- "$@" --build-arg "$line"; done <"$lines"
printf '%s\n' "$INPUT_LABELS" | sed 's/^[ \t]*//; s/[ \t]*$//; /^$/d' >"$lines"
while IFS= read -r line; do set -- "$@" --label "$line"; done <"$lines"
rm -f "$lines"
[ "$INPUT_PUSH" != true ] || echo "::notice::The image is built, and not pushed: Understudy hands nothing on to registries."
"$engine" "$@" --iidfile "$temporary/understudy-image" "${INPUT_CONTEXT:-.}"
output imageid "$(cat "$temporary/understudy-image")"
output digest "$(cat "$temporary/understudy-image")"
