# conda-incubator/setup-miniconda: makes the wanted environment with the conda that the room has.

conda=
for program in "$(command -v conda || :)" "${CONDA:-/usr/share/miniconda}/bin/conda" "$HOME/miniconda3/bin/conda" \
  "$HOME/miniforge3/bin/conda" /opt/conda/bin/conda /opt/miniconda3/bin/conda; do
  if [ -z "$conda" ] && [ -x "$program" ]; then conda=$program; fi
done
[ "$conda" ] || refuse "There is no conda in this room, and Understudy downloads none." \
  "Install Miniconda on this machine, or use an image that has it (\`container: condaforge/miniforge3\`)."
base=$("$conda" info --base)
echo "conda $("$conda" --version | cut -d ' ' -f 2): $base"
printf '%s\n' "$INPUT_CHANNELS" | tr ',' '\n' | sed 's/^[ \t]*//; s/[ \t]*$//; /^$/d' | while IFS= read -r channel; do
  "$conda" config --append channels "$channel"
done
[ -z "$INPUT_CHANNEL_PRIORITY" ] || "$conda" config --set channel_priority "$INPUT_CHANNEL_PRIORITY"
"$conda" config --set always_yes true
name=$INPUT_ACTIVATE_ENVIRONMENT
if [ "$INPUT_ENVIRONMENT_FILE" ]; then
  [ "$name" ] || name=$(sed -n 's/^name:[ \t]*//p' "$INPUT_ENVIRONMENT_FILE" | head -n 1)
  "$conda" env update --name "$name" --file "$INPUT_ENVIRONMENT_FILE"
elif [ "$name" ] && [ "$name" != base ] && ! "$conda" env list | awk '{ print $1 }' | grep -qx "$name"; then
  "$conda" create --name "$name"
fi
if [ "$INPUT_PYTHON_VERSION" ]; then "$conda" install --name "${name:-base}" "python=$INPUT_PYTHON_VERSION"; fi
# What `shell: bash -l {0}` reads.
for file in "$HOME/.bash_profile" "$HOME/.profile"; do
  {
    echo "# Written by the built-in setup-miniconda."
    "$conda" shell.posix hook
    [ "$INPUT_AUTO_ACTIVATE_BASE" = false ] && [ -z "$name" ] || echo "conda activate '${name:-base}'"
  } >>"$file"
done
variable CONDA "$base"
first_on_path "$base/condabin"
output environment-file "$INPUT_ENVIRONMENT_FILE"
