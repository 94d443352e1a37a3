"""The YAML layer, key templates and archives under a fuzzer that is led by coverage: a tool, run by hand.

    pip install atheris
    python tests/fuzz/with_atheris.py -runs=100000 [-max_total_time=60]

It is not among the requirements: there are wheels of it for few systems.
"""

import io
import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["understudy", "yaml"]):
    from understudy.dialects.circleci import CIRCLECI, keys
    from understudy.engine.archive import Contents, Refused, screened
    from understudy.model.results import Facts

FACTS = Facts(root="/", branch="dev", changed_files=())


def one(data: bytes) -> None:
    """Gives `data` to what its first byte says."""
    kind, rest = data[:1], data[1:]
    if kind < b"\x60":
        CIRCLECI.read("c.yml", {"c.yml": rest}.get, FACTS)
    elif kind < b"\x90":
        keys.problem(rest.decode("utf-8", "replace"))
    else:
        with suppress(Refused):
            screened(io.BytesIO(rest), Contents()).read()


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
