"""Error families: what the caller should do decides the class, not where the error came from."""

from dataclasses import dataclass


class CausewayError(Exception):
    """Root of every error that Causeway raises on purpose.

    `code` is stable and machine-readable, `str(error)` is for a person and never holds a
    secret or a personal value.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class RetriableError(CausewayError):
    """The same call may succeed later; `retry_after` is in seconds, None when nobody said."""

    def __init__(self, message: str, *, code: str, retry_after: float | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class FatalError(CausewayError):
    """The same call will fail again until a person or another change mends the cause."""


class IgnorableError(CausewayError):
    """The call had nothing left to do (already gone, already there)."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing that is wrong with an input: which field, and what to do about it."""

    field: str
    message: str
