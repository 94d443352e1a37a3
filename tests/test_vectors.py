"""Other people's cases: how many of them this build passes may rise and not fall."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

VECTORS = Path(__file__).parents[2] / "shared" / "vectors"

FLOORS = {
    "lints": {"circleci reader, accept or reject": 75, "schemas, accept or reject": 13},
    "circleci_process": {"circleci process": 7},
}
"""By function of the scoring script: what its measures gave last. Raise them whenever they rise.

Left of CircleCI's: of the reader's cases three that ask Docker Hub for an image's tags, and one that indents with tabs;
of the schemas' seven that a schema takes and the service does not (a workflow that starts jobs nobody defined, one
without jobs, `- run` without a command); of the processed ones one that names the jobs of orbs as an old compiler did.
"""


@pytest.mark.corpus
@pytest.mark.parametrize("only", FLOORS)
def test_scores_do_not_fall(only: str) -> None:
    script = VECTORS / "score.py"
    if not script.is_file():
        pytest.skip(f"{script} is not there")
    command = [sys.executable, str(script), "--command", f"{sys.executable} -m understudy", "--only", only]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=True)
    scores = {
        name.strip(): int(passed) for name, passed in re.findall(r"^(\S.*?) +(\d+)/\d+$", done.stdout, re.MULTILINE)
    }
    assert done.stderr == ""
    assert {name: floor for name, floor in FLOORS[only].items() if scores[name] < floor} == {}, scores
