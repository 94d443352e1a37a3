# pdm-project/setup-pdm: installs PDM with the Python that was found, and puts it first on PATH.

executable=$(command -v python3 || command -v python) || refuse "This room has no Python to install PDM with."
make_apart pdm "$executable"
install_apart "pdm${INPUT_PDM_VERSION:+==$INPUT_PDM_VERSION}"
first_on_path "$folder/path"
variable PDM_PYTHON "$executable"
output pdm-bin "$folder/path/pdm"
output pdm-version "$("$folder/bin/python" -c 'from importlib.metadata import version; print(version("pdm"))')"
