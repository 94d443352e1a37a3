"""A room of the sandbox: its agent is the process that holds it, which starts programs and lays files by itself."""

import marshal
import os
from collections.abc import Sequence

from understudy.runtimes.base import Call, Exit, Sink
from understudy.runtimes.room import AgentRoom, limits_of
from understudy.runtimes.spawner import NOT_STARTED


class SandboxRoom(AgentRoom):
    """See `AgentRoom`. What `spawner.py` can't do is done by a shell, which says what is wrong if it can't either."""

    def write_files(self, files: Sequence[tuple[str, bytes, int]]) -> None:
        """See `Room`."""
        wanted = {"files": tuple((os.fsencode(self._place(path)), content, mode) for path, content, mode in files)}
        if self._perform("", {}, content={"spawn": marshal.dumps(wanted)}).code != 0:
            super().write_files(files)

    def _run(self, call: Call, sink: Sink) -> Exit:
        wanted = {
            "argv": tuple(map(os.fsencode, call.argv)),
            "otherwise": tuple(map(os.fsencode, call.otherwise)),
            "env": {os.fsencode(name): os.fsencode(value) for name, value in call.env.items()},
            "workdir": os.fsencode(self._place(call.workdir)),
            "files": tuple((os.fsencode(self._place(path)), content, 0) for path, content in call.files),
            "leaves": tuple(os.fsencode(self._place(path)) for path in call.leaves),
        }
        content = {"spawn": marshal.dumps(wanted)}
        exited = self._perform("", {"output": sink}, limits=limits_of(call), content=content, call=call)
        return exited if exited.code != NOT_STARTED else super()._run(call, sink)
