"""Which exit code a refusal has: 1 refused, 2 usage, 4 unavailable; None for a defect of ours."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from marketplace.engines import EngineError
from marketplace.foundation.errors import HomewardError, InvalidInput, Unavailable
from marketplace.foundation.settings import UnsafeSettings


def exit_code_of(problem: BaseException) -> int | None:
    """The exit code for a known refusal, None for anything else."""
    if isinstance(problem, InvalidInput | UnsafeSettings):
        return 2
    if isinstance(problem, Unavailable | EngineError | OperationalError):
        return 4
    if isinstance(problem, HomewardError):
        return 1
    return None
