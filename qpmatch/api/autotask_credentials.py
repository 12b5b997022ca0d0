"""The three secrets of Autotask's API: from the environment, else from the keyring (AUTOTASK.md B2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qpmatch.credentials import KeyringEntries, Secret
from qpmatch.errors import CredentialsError

USERNAME = ("QPMATCH_AUTOTASK_USERNAME", "AUTOTASK_USERNAME")
SECRET = ("QPMATCH_AUTOTASK_SECRET", "AUTOTASK_SECRET")
INTEGRATION_CODE = ("QPMATCH_AUTOTASK_INTEGRATION_CODE", "AUTOTASK_INTEGRATION_CODE")
URL = ("QPMATCH_AUTOTASK_URL", "AUTOTASK_API_URL")
"""The variables for each, the project's own first; other tools use the second ones."""

_HINT = f"Run `qpmatch auth autotask`. In CI: set {USERNAME[0]}, {SECRET[0]} and {INTEGRATION_CODE[0]}."


@dataclass(frozen=True, slots=True)
class AutotaskCredentials:
    """An API user, its secret and its integration code (tracking identifier)."""

    username: str
    secret: Secret
    integration_code: Secret

    def __post_init__(self) -> None:
        parts = {
            "user name": self.username,
            "secret": self.secret.reveal(),
            "integration code": self.integration_code.reveal(),
        }
        for part, text in parts.items():
            if not text.isascii() or not text.isprintable() or text != text.strip() or not text:
                raise CredentialsError(
                    f"the Autotask {part} holds a character that it cannot hold",
                    hint="Copy it again: letters, digits and signs, no line break, no space around.",
                )


def from_environment(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """The first of these variables that is set."""
    return next((environ[name] for name in names if environ.get(name)), None)


def autotask_credentials(
    environ: Mapping[str, str], entries: KeyringEntries, username: str | None
) -> AutotaskCredentials:
    """The credentials of a profile. ``username`` is the setting's.

    Raises ``CredentialsError`` when one of them is nowhere, or no keyring can be used.
    """
    name = from_environment(environ, USERNAME) or username
    secret, code = from_environment(environ, SECRET), from_environment(environ, INTEGRATION_CODE)
    if not (name and secret and code):
        name = name or entries.get("autotask-username")
        secret = secret or entries.get("autotask-secret")
        code = code or entries.get("autotask-integration-code")
    missing = [
        part
        for part, text in (("user name", name), ("secret", secret), ("integration code", code))
        if not text
    ]
    if missing or not (name and secret and code):
        raise CredentialsError(f"no Autotask {', '.join(missing)} is known for this profile", hint=_HINT)
    return AutotaskCredentials(name, Secret(secret), Secret(code))
