# actions/setup-java: finds the wanted JDK among those that the room has. Who built it makes no difference here.

# Lines `VERSION<TAB>HOME`.
installed() {
  {
    env | sed -n 's/^JAVA_HOME_[0-9]*_[A-Za-z0-9]*=//p'
    printf '%s\n' "${JAVA_HOME:-}" /usr/lib/jvm/*
    if program=$(command -v javac || command -v java); then
      program=$(readlink -f "$program")
      printf '%s\n' "${program%/bin/*}"
    fi
    printf '%s\n' "${RUNNER_TOOL_CACHE:-/opt/hostedtoolcache}"/Java_*/*/*
  } | sort -u | while IFS= read -r home; do
    [ "$home" ] && [ -x "$home/bin/java" ] || continue
    version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$home/release" 2>/dev/null) || version=
    [ "$version" ] || version=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p')
    case $version in 1.*) version=${version#1.} ;; esac
    printf '%s\t%s\n' "$(printf '%s' "$version" | sed 's/[+].*//; s/_.*//')" "$home"
  done
}

wanted=$INPUT_JAVA_VERSION
if [ -z "$wanted" ] && [ "$INPUT_JAVA_VERSION_FILE" ]; then
  [ -f "$INPUT_JAVA_VERSION_FILE" ] || refuse "The specified java version file at: $INPUT_JAVA_VERSION_FILE does not exist"
  case $INPUT_JAVA_VERSION_FILE in
    *.tool-versions) wanted=$(sed -n 's/^java[ \t]*[a-z-]*\([0-9][0-9.]*\).*/\1/p' "$INPUT_JAVA_VERSION_FILE") ;;
    *) wanted=$(sed 's/^[^0-9]*//; s/[^0-9.].*//' "$INPUT_JAVA_VERSION_FILE" | head -n 1) ;;
  esac
fi
printf '%s\n' "$wanted" | sed '/^[ \t]*$/d' >"$temporary/understudy-versions.$$"
while IFS= read -r range; do
  found=$(installed | best "$(printf '%s' "${range%-ea}" | sed 's/^1\.8/8/')")
  [ "$found" ] || refuse "There is no Java $range in this room; there are: $(installed | listed)." \
    "Install it on this machine, or use an image that has it."
  version=$(printf '%s' "$found" | cut -f 1)
  home=$(printf '%s' "$found" | cut -f 2)
  variable "JAVA_HOME_${version%%.*}_X64" "$home"
done <"$temporary/understudy-versions.$$"
rm -f "$temporary/understudy-versions.$$"
[ "${home:-}" ] || refuse "java-version or java-version-file input expected"
variable JAVA_HOME "$home"
first_on_path "$home/bin"
output distribution "$INPUT_DISTRIBUTION"
output version "$version"
output path "$home"
echo "Java $version: $home"
