"""What the names of images mean here, for those who ask."""

from dataclasses import dataclass

from understudy.app.choice import every_runtime, spec_of
from understudy.config import Settings
from understudy.dialects.base import Reading
from understudy.errors import MachineError
from understudy.runtimes.oci import Oci, image_name
from understudy.runtimes.oci_catalogue import CATALOGUE, mapped


@dataclass(frozen=True, slots=True)
class Row:
    """A name, the image it means, and (for those of the file) whether that is here; `where` says who names it."""

    where: str
    name: str
    image: str
    state: str = ""


def image_rows(reading: Reading, settings: Settings) -> tuple[Row, ...]:
    """The images of the file, then the user's map, then the catalogue."""
    own = settings.containers.get("images", {})
    jobs = [job for pipeline in reading.pipelines for job in pipeline.jobs if job.container or job.machine]
    names = sorted({image_name(spec_of(job)) for job in jobs} | {one.image.raw for job in jobs for one in job.services})
    engine = _engine(settings)
    rows = [Row("file", name, mapped(name, own), _state(name, engine)) for name in names]
    rows += [Row("settings", name, image) for name, image in sorted(own.items())]
    return (*rows, *(Row("catalogue", name, image) for name, image in CATALOGUE.items()))


def _engine(settings: Settings) -> Oci | None:
    """The engine that a run would ask."""
    for name in ("docker", "podman"):
        runtime = every_runtime(settings)[name]()
        if isinstance(runtime, Oci) and runtime.missing() is None:
            return runtime
    return None


def _state(name: str, engine: Oci | None) -> str:
    if engine is None:
        return "no container engine answers"
    try:
        found = engine.engine.images.present(name)
    except MachineError as error:
        return error.message
    return f"here: {found.digest}" if found else "not here"
