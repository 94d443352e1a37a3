"""A `.travis.yml` in the form that Travis CI builds from, and all that Travis would remark on it.

`normalise(root, path, options) -> Normal`, for a `root` from `document.load`, into which `imports.load` has merged what
the file imports; `messages.findings` says the messages of both as findings.

The form of `Normal.config`, key by key, where the key is present (https://config.travis-ci.com; nothing is filled in
that was not written, but `language`, `os` and `dist`):

- `language`: text. `os`, `arch`, `osx_image`, `compiler` and every language version (`python`, `node_js`, `rvm`, `go`,
  `jdk`, ...): a tuple of texts (`("3.10",)`). Inside `jobs.include|exclude|allow_failures` each is one text.
- `dist`, `stack`, `group`, `virt`: text. `sudo`: bool or text. `vm`: `{"size": ...}`.
- `env`: `{"global": (entry, ...), "jobs": (entry, ...)}`; inside a job a tuple of entries. An entry is a map of
  variables (`{"A": "1", "B": "2"}`, one row of the matrix in `env.jobs`) or `{"secure": ...}`. Values are text as the
  shell reads them, quotes kept (`{"A": '"a b"'}`), or `{"secure": ...}`.
- `before_install`, `install`, `before_script`, `script`, `before_cache`, `after_success`, `after_failure`,
  `before_deploy`, `after_deploy`, `after_script`: a tuple of texts.
- `jobs`: `{"include": (job, ...), "exclude": (job, ...), "allow_failures": (job, ...), "fast_finish": bool}`; a job
  is a map of the keys of the root with `name`, `stage`, `if`, `env`.
- `stages`: a tuple of `{"name": text, "if": text}`. `if`: text.
- `branches`: `{"only": (text, ...), "except": (text, ...)}`.
- `deploy`: a tuple of `{"provider": text, "on": {"branch": (text, ...), "tags": bool, ...}, ...}`.
- `cache`: `{"directories": (text, ...), "pip": true, ...}` or `False`.
- `services`: a tuple of texts. `addons`: `{"apt": {"packages": (text, ...), "sources": ({"name": ...}, ...)}, ...}`.
- `git`: `{"depth": int | bool, "submodules": bool, ...}`.
  `notifications`: `{"email": ({...},), "slack": ({...},), ...}`.
- `import`: a tuple of `{"source": text, "mode": text, "if": text}`.

What can't be brought into its form is left as it was written, with a message of level `error`: look before you take it
for a map or a tuple.
"""

from understudy.dialects.travis.normalise.change import change
from understudy.dialects.travis.normalise.normal import Level, Message, Normal, Options, Path, Value
from understudy.dialects.travis.normalise.tree import Item, Run, read
from understudy.dialects.travis.normalise.validate import validate
from understudy.dialects.travis.schema.root import root as schema
from understudy.findings import Position
from understudy.text import yaml

__all__ = ["Level", "Message", "Normal", "Options", "Path", "Value", "normalise"]

_DEFAULTS = Options()


def normalise(root: yaml.Node | None, path: str, options: Options = _DEFAULTS) -> Normal:
    """`root`, the content of the file at `path`, in normal form. Never raises for what a file holds."""
    run = Run(options, path)
    item = validate(schema(), change(schema(), read(root, run)))
    places: dict[Path, Position] = {}
    _note(item, (), places)
    config = item.value()
    return Normal(config if isinstance(config, dict) else {}, places, tuple(run.messages.values()))


def _note(item: Item, path: Path, places: dict[Path, Position]) -> None:
    places[path] = item.at
    for key, child in item.map.items():
        _note(child, (*path, str(key)), places)
    for index, child in enumerate(item.items):
        _note(child, (*path, index), places)
