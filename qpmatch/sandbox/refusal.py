"""How the sandbox says no: an HTTP status, a code for programs, a sentence for people."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - it is an answer of the server, not an error of the program
    """Ends the handling of a request. The body of the answer is ``{"code": ..., "message": ...}``.

    Codes: ``bad_request``, ``session``, ``bad_credentials``, ``access_code_required``,
    ``access_code_wrong``, ``sso_only``, ``role``, ``not_found``, ``method``, ``not_set_up`` and, for a
    matching rule, its name in SPEC 3 (``R2`` to ``R6``).
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str) -> Refusal:
    """A request that does not look as WIRE.md says."""
    return Refusal(400, "bad_request", message)
