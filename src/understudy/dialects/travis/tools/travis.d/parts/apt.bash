# Addons that change the room. https://docs.travis-ci.com/user/installing-dependencies/#installing-packages-with-the-apt-addon

# travis_apt_source LINE KEY_URL: a line of sources.list, or the name of a source or a PPA.
travis_apt_source() {
  local line=$1 key=${2:-}
  if ! command -v apt-get >/dev/null; then
    __understudy_warn "this room has no apt-get, so the source \`$line\` was not added"
    return 0
  fi
  case $line in
    deb\ * | deb-src\ *) ;;
    *)
      if command -v add-apt-repository >/dev/null; then
        sudo add-apt-repository -y "$line" && return 0
      fi
      __understudy_warn "the source \`$line\` was not added: this room is no Ubuntu with \`add-apt-repository\`"
      return 0
      ;;
  esac
  if [[ -n $key ]]; then
    travis_download "$key" "$HOME/.travis-apt-key" && sudo cp "$HOME/.travis-apt-key" \
      "/etc/apt/trusted.gpg.d/travis-$RANDOM.asc"
  fi
  echo "$line" | sudo tee -a /etc/apt/sources.list.d/travis.list >/dev/null
}

# travis_apt_install PACKAGE...: a package that is there already is not looked for, and one that the room's system never
# heard of is told of, since it may be another system than the service's.
travis_apt_install() {
  local package known=() unknown=()
  if ! command -v apt-get >/dev/null; then
    __understudy_warn "this room has no apt-get, so these packages were not installed: $*"
    return 0
  fi
  for package; do
    dpkg -s "${package%%=*}" 2>/dev/null | grep -q '^Status:.* installed$' || known+=("$package")
  done
  if ! ((${#known[@]})); then
    echo "All of these are installed: $*"
    return 0
  fi
  travis_retry travis_apt_get_update
  set -- "${known[@]}"
  known=()
  for package; do
    if apt-cache show "${package%%=*}" >/dev/null 2>&1; then known+=("$package"); else unknown+=("$package"); fi
  done
  if ((${#unknown[@]})); then
    __understudy_warn "the system of this room has no packages of these names: ${unknown[*]}"
  fi
  ((${#known[@]})) || return 0
  echo "apt-get install ${known[*]}"
  sudo -E env DEBIAN_FRONTEND=noninteractive \
    apt-get -yq --no-install-suggests --no-install-recommends install "${known[@]}"
}

# travis_hosts NAME...: further names of this machine. https://docs.travis-ci.com/user/hosts/
travis_hosts() {
  echo "127.0.0.1 $*" | sudo tee -a /etc/hosts
}

# travis_hostname NAME. https://docs.travis-ci.com/user/hostname/
travis_hostname() {
  sudo hostname "$1" && return
  __understudy_warn "the hostname was not set: this room does not let its name be changed"
}
