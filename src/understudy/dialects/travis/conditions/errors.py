"""What is wrong with a condition, and where in it."""


class ConditionError(Exception):
    """A condition can't be read, or can't be judged: `message` says why, `offset` where (characters, from 0).

    `pattern`: the regular expression that is none. `ours`: it is we who can't, and Travis can.
    """

    def __init__(self, message: str, offset: int = 0, pattern: str | None = None, *, ours: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.pattern = pattern
        self.ours = ours
