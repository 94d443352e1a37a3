# travis_use TITLE VERSION PROGRAM...: a language whose programs the room has, or has not. Nothing is downloaded: what
# is there in another version is used, and told of.
travis_use() {
  local title=$1 wanted=$2 program version
  shift 2
  __understudy_versions "$title" "$wanted"
  for program; do
    if ! command -v "$program" >/dev/null; then
      __understudy_tell missing "this room has no $title: there is no \`$program\`"
      echo "This room has no $title: there is no \`$program\` on its PATH."
      return 1
    fi
  done
  version=$(__understudy_version "$1")
  if [[ $wanted != any && -n $version ]] && ! __understudy_fits "$wanted" "$version"; then
    __understudy_warn "the job asks for $title $wanted, and runs on $version"
  fi
  for program; do __understudy_shown "$program"; done
}

# A manager of versions, where the room has one and the version with it.
__understudy_versions() {
  case $1 in
    Node)
      [[ -s ${NVM_DIR:-$HOME/.nvm}/nvm.sh ]] && source "${NVM_DIR:-$HOME/.nvm}/nvm.sh" && nvm use "$2" 2>/dev/null
      ;;
    Ruby)
      [[ -s $HOME/.rvm/scripts/rvm ]] && source "$HOME/.rvm/scripts/rvm" && rvm use "$2" 2>/dev/null
      ;;
  esac
  return 0
}

__understudy_version() {
  local said
  case $1 in
    go) said=$(go version) ;;
    java) said=$(java -version 2>&1) ;;
    perl) said=$(perl -e 'printf "%vd", $^V') ;;
    erl) said=$(erl -noshell -eval 'io:format("~s", [erlang:system_info(otp_release)]), halt().') ;;
    *) said=$("$1" --version 2>&1) ;;
  esac
  [[ $said =~ [0-9]+(\.[0-9]+)* ]] && echo "${BASH_REMATCH[0]}"
}

__understudy_shown() {
  case $1 in
    go) go version ;;
    java) java -version 2>&1 ;;
    erl) : ;;
    *) "$1" --version 2>&1 | head -n 1 ;;
  esac
}
