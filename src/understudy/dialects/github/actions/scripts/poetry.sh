# snok/install-poetry, abatilo/actions-poetry: installs Poetry, and puts it first on PATH.

python=$(command -v python3 || command -v python)
make_apart poetry "$python"
install_apart "poetry${INPUT_VERSION:+==$INPUT_VERSION}"
first_on_path "$folder/path"
"$folder/path/poetry" --version
[ -z "$INPUT_VIRTUALENVS_CREATE" ] || "$folder/path/poetry" config virtualenvs.create "$INPUT_VIRTUALENVS_CREATE"
[ -z "$INPUT_VIRTUALENVS_IN_PROJECT" ] ||
  "$folder/path/poetry" config virtualenvs.in-project "$INPUT_VIRTUALENVS_IN_PROJECT"
variable VENV .venv/bin/activate
