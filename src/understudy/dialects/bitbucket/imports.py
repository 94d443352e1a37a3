"""Pipelines that another file shares: of this repository they are read, of others they are named.

See https://support.atlassian.com/bitbucket-cloud/docs/share-pipelines-configurations/.
"""

from dataclasses import replace

from understudy.dialects.base import ReadFile
from understudy.dialects.bitbucket import pages
from understudy.dialects.bitbucket.definitions import Definitions, read_definitions
from understudy.dialects.bitbucket.nodes import member, text_of
from understudy.dialects.bitbucket.steps import Around
from understudy.dialects.notes import Notes
from understudy.findings import Severity
from understudy.model.pipeline import Text
from understudy.text import yaml
from understudy.text.nearest import suggestion


def imported(node: yaml.Node, around: Around, files: ReadFile, notes: Notes) -> tuple[yaml.Node | None, Around]:
    """The list of steps that `node` is or imports, and what its file says for all of them; None for one not here."""
    source = text_of(member(node, "import"))
    if source is None:
        return node, around
    name, at_sign, alias = source.raw.partition("@")
    if not at_sign:
        _elsewhere(source, source.raw, notes)
        return None, around
    path = around.definitions.imports.get(alias)
    if path is None:
        message = f"there is no import source `{alias}` in `definitions: imports:`"
        hint = suggestion(alias, around.definitions.imports, "add it there")
        notes.error("unknown-import", message, source.at, hint, pages.SHARING)
        return None, around
    if ":" in path.raw:
        _elsewhere(source, path.raw, notes)
        return None, around
    return _of_file(Text(name, source.at), path, around, files, notes)


def _elsewhere(source: Text, named: str, notes: Notes) -> None:
    message = f"the pipeline `{source.raw}` is shared by another repository (`{named}`), which is not asked"
    hint = "put the shared file into this repository and name its path in `definitions: imports:` to try it"
    notes.unsupported("import-elsewhere", message, source.at, hint, pages.SHARING)


def _of_file(name: Text, path: Text, around: Around, files: ReadFile, notes: Notes) -> tuple[yaml.Node | None, Around]:
    data = files(path.raw)
    if data is None:
        message = f"there is no file `{path.raw}` in this repository"
        notes.error("no-file", message, path.at, "paths are seen from the repository's root", pages.SHARING)
        return None, around
    loaded = yaml.load(data, path.raw, duplicates=Severity.WARNING)
    notes.findings += loaded.findings
    theirs = read_definitions(loaded.root)
    found = theirs.pipelines.get(name.raw)
    if found is None:
        message = f"`{path.raw}` shares no pipeline `{name.raw}`"
        hint = suggestion(name.raw, theirs.pipelines, "add it to its `definitions: pipelines:`")
        notes.error("unknown-import", message, name.at, hint, pages.SHARING)
        return None, around
    further = text_of(member(found, "import"))
    if further is not None:
        message = f"the shared pipeline `{name.raw}` is imported itself (`{further.raw}`), which is not followed"
        hint = "import it from where it is written out"
        notes.unsupported("import-of-an-import", message, further.at, hint, pages.SHARING)
        return None, around
    return found, _joined(around, theirs, loaded.root)


def _joined(around: Around, theirs: Definitions, root: yaml.Node | None) -> Around:
    """What the sharing file defines goes first, what it doesn't is the importing file's."""
    ours = around.definitions
    definitions = replace(ours, caches={**ours.caches, **theirs.caches}, services={**ours.services, **theirs.services})
    return replace(
        around,
        definitions=definitions,
        image=member(root, "image") or around.image,
        options=member(root, "options") or around.options,
        clone=member(root, "clone") or around.clone,
    )
