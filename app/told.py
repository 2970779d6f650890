"""What an operator is told in one sentence, without a traceback."""


class ToldError(Exception):
    """Something that an operator can mend; ``str()`` is that sentence."""
