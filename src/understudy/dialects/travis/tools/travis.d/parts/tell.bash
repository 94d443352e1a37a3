# What a line has to say besides its log: `travis-step` finds it once the line has ended.
__understudy_tell() {
  printf '%s\t%s\n' "$1" "$2" >>"$__understudy_state/told"
}

__understudy_warn() {
  echo "$1"
  __understudy_tell warning "$1"
}

# Whether the version $2 is what $1 asks for: `1.13` and `1.13.x` are any 1.13, a word is any version.
__understudy_fits() {
  local wanted=${1#v} found=${2#v}
  wanted=${wanted#openjdk} wanted=${wanted#oraclejdk} wanted=${wanted#ruby-} wanted=${wanted#go} wanted=${wanted%.x}
  [[ $wanted =~ ^[0-9] ]] || return 0
  [[ $found == "$wanted" || $found == "$wanted".* || $found == "$wanted"-* ]]
}
