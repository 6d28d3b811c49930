"""Errors that leave the optimizer: bad input names the key that is wrong.

ProblemError
└── SolutionError
"""


class ProblemError(ValueError):
    """Input that cannot be planned as it stands; `key` says where, `message` says what would be right."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


class SolutionError(ProblemError):
    """A plan that does not belong to its problem: unknown vehicles, requests or points."""
