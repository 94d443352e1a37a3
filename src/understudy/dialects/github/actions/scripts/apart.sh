# Python programs that pip installs into folders of their own.

# Makes $folder for the program $1, by the Python $2; its `path` has that program and nothing else.
make_apart() {
  folder=$temporary/understudy-$1
  "$2" -m venv "$folder"
  mkdir -p "$folder/path"
  ln -sf "../bin/$1" "$folder/path/$1"
}

# Installs what the requirement $1 asks for into $folder.
install_apart() {
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$1"
}
