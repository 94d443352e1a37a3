"""`understudy images`: which image each name means here, whether it is here, and the shipped catalogue."""

from understudy.app import find
from understudy.app.images import Row, image_rows
from understudy.cli import render
from understudy.cli.asked import Request
from understudy.errors import ExitCode


def images(request: Request, _arguments: tuple[str, ...]) -> int:
    """Lists the file's images, the user's map and the catalogue."""
    _, reading = find.read(find.find(request.root, request.settings, request.event))
    rows = image_rows(reading, request.settings)
    if request.options.json:
        values = [{"where": row.where, "name": row.name, "image": row.image, "state": row.state} for row in rows]
        render.show_json(request.console, {"images": values})
        return int(ExitCode.PASSED)
    titles = {"file": "the file's images", "settings": "understudy.toml, [images]", "catalogue": "shipped catalogue"}
    for where, title in titles.items():
        found = [row for row in rows if row.where == where]
        if found:
            request.console.data(title, *(f"  {_line(row)}" for row in found))
    return int(ExitCode.PASSED)


def _line(row: Row) -> str:
    target = f" -> {row.image}" if row.image != row.name else ""
    return f"{row.name}{target}" + (f"  ({row.state})" if row.state else "")
