"""Who signs in: secrets from the environment or the system's keyring, never from a file (SPEC 8)."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, final
from urllib.parse import parse_qsl, urlsplit

from qpmatch.errors import CredentialsError

EMAIL = "QPMATCH_EMAIL"
PASSWORD = "QPMATCH_PASSWORD"  # noqa: S105  # the name of a variable
TOTP_SECRET = "QPMATCH_TOTP_SECRET"  # noqa: S105  # the name of a variable

_LEAST_SECONDS = 5
"""A code with less time left than this could expire on its way; the next one is used (issue: sign-in)."""

_ENTRIES = (
    "email",
    "password",
    "totp-secret",
    "cookies",
    "autotask-username",
    "autotask-secret",
    "autotask-integration-code",
)
"""What one profile keeps in the keyring, each an entry of its own: some backends hold 2,560 bytes at most."""

_VARIABLES_HINT = f"Set {EMAIL}, {PASSWORD} and, with MFA on, {TOTP_SECRET} in the environment."

_log = logging.getLogger(__name__)


@final
class Secret:
    """A text that shows itself only when asked to."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the request that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def totp_code(secret: Secret, now: float) -> Secret:
    """The code of six digits at ``now`` (seconds since 1970), or the next one when this one is about to end.

    ``secret`` is base32 as an authenticator shows it, spaces allowed, or an ``otpauth://`` address.
    Raises ``CredentialsError`` when it is neither.
    """
    from pyotp import TOTP

    class AnyLength(TOTP):
        """The server has chosen the secret: one of 80 bits, which pyotp refuses to work with, is common."""

        def byte_secret(self) -> bytes:
            return base64.b32decode(self.secret + "=" * (-len(self.secret) % 8), casefold=True)

    try:
        totp = AnyLength(_base32(secret.reveal()))
        ending = totp.interval - now % totp.interval < _LEAST_SECONDS
        return Secret(totp.at(int(now), counter_offset=int(ending)))
    except ValueError:  # its text is not passed on, it may quote the secret
        raise CredentialsError(
            "the TOTP secret cannot be read",
            hint="It is the text of letters and digits behind the QR code, not a code of six digits.",
        ) from None


def _base32(text: str) -> str:
    """The secret itself; raises ``ValueError`` for an address that asks for other than six digits in 30 s."""
    text = text.strip()
    if text.startswith("otpauth://"):
        url = urlsplit(text)
        asked = dict(parse_qsl(url.query))
        if (url.netloc, asked.get("digits", "6"), asked.get("period", "30")) != ("totp", "6", "30"):
            raise ValueError("another kind of code")
        text = asked.get("secret", "")
    text = text.replace(" ", "").replace("-", "").rstrip("=")
    if not text:
        raise ValueError("empty")
    return text


class KeyringEntries:
    """One profile's secrets in the operating system's keyring.

    They are filed under the profile and the host, so that a password never reaches another host than the one
    it was stored for. Every method raises ``CredentialsError`` where no keyring can be used.
    """

    def __init__(self, profile: str | None, host: str) -> None:
        self.service = f"qpmatch:{profile}@{host}" if profile else f"qpmatch:{host}"

    def get(self, entry: str) -> str | None:
        """The text kept as ``entry``, ``None`` when there is none."""
        value = self._ask(lambda backend: backend.get_password(self.service, entry))
        return value if isinstance(value, str) else None

    def set(self, entry: str, value: str) -> None:
        """Keep ``value`` as ``entry``."""
        self._ask(lambda backend: backend.set_password(self.service, entry, value))

    def delete(self, entry: str) -> bool:
        """Remove ``entry``; whether there was one."""
        if self.get(entry) is None:
            return False
        self._ask(lambda backend: backend.delete_password(self.service, entry))
        return True

    @property
    def backend_name(self) -> str:
        """The keyring in use, in words."""
        return str(_keyring_backend().name)

    def clear(self) -> bool:
        """Remove every trace of the profile; whether there was any."""
        return sum(self.delete(entry) for entry in _ENTRIES) > 0

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        backend = _keyring_backend()
        import keyring.errors

        try:
            return question(backend)
        except keyring.errors.KeyringError as error:
            raise CredentialsError(
                f"the keyring ({type(backend).__name__}) does not answer: {type(error).__name__}",
                hint=f"Unlock it and try again. {_VARIABLES_HINT}",
            ) from None


def _keyring_backend() -> Any:
    """The keyring in use. Raises ``CredentialsError`` when there is none, or one that keeps plain files."""
    import keyring
    import keyring.backends.fail
    import keyring.backends.null

    backend = keyring.get_keyring()
    if isinstance(backend, (keyring.backends.fail.Keyring, keyring.backends.null.Keyring)):
        raise CredentialsError(
            "this machine has no keyring to keep secrets in (usual on servers, in containers and in CI)",
            hint=_VARIABLES_HINT,
        )
    if "Plaintext" in type(backend).__name__:
        raise CredentialsError(
            f"the keyring in use ({type(backend).__name__}) keeps passwords in a readable file",
            hint=f"Choose another keyring backend. {_VARIABLES_HINT}",
        )
    return backend


class StoredCredentials:
    """The credentials of one profile: the environment first, then the keyring."""

    def __init__(
        self,
        entries: KeyringEntries,
        *,
        environ: Mapping[str, str],
        email: str | None,
        keep_session: bool = True,
        ask_code: Callable[[], str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """``email`` is the setting's; ``ask_code`` asks a person for an MFA code, ``None`` off a terminal."""
        self._entries = entries
        self._environ = environ
        self._email = email
        self._keep_session = keep_session
        self._ask_code = ask_code
        self._now = now

    def __repr__(self) -> str:
        return f"StoredCredentials({self._entries.service!r})"

    @property
    def source(self) -> str:
        """Where the password comes from: ``environment`` or ``keyring``."""
        return "environment" if self._environ.get(PASSWORD) else "keyring"

    @property
    def email(self) -> str | None:
        """The account, as far as it is known."""
        if self._email or self.source == "environment":
            return self._email
        return self._entries.get("email")

    def login(self) -> tuple[str, Secret]:
        """E-mail and password. Raises ``CredentialsError`` when one is missing."""
        if password := self._environ.get(PASSWORD):
            if not self._email:
                raise CredentialsError(
                    f"{PASSWORD} is set, but no e-mail address is", hint=f"Set {EMAIL} too."
                )
            return self._email, Secret(password)
        kept_email, kept_password = self._entries.get("email"), self._entries.get("password")
        email = self._email or kept_email
        if not email or not kept_password or not _same(email, kept_email):
            account = f"the account {email}" if email else "this profile"
            raise CredentialsError(
                f"no password is known for {account}",
                hint=f"Run `qpmatch auth login`. In CI: {_VARIABLES_HINT}",
            )
        return email, Secret(kept_password)

    def access_code(self, *, demanded: bool) -> Secret | None:
        """A fresh MFA code, or ``None`` when none can be had.

        A person is asked only when the server has ``demanded`` one.
        """
        if secret := self._environ.get(TOTP_SECRET):
            return totp_code(Secret(secret), self._now())
        if self.source == "keyring" and (secret := self._entries.get("totp-secret")):
            return totp_code(Secret(secret), self._now())
        if demanded and self._ask_code is not None:
            return Secret(self._ask_code().strip())
        return None

    @property
    def _keeps_cookies(self) -> bool:
        # Cookies live where the password lives: with the environment's, no keyring is touched (CI).
        return self._keep_session and self.source == "keyring"

    def load_cookies(self) -> list[dict[str, Any]]:
        """The cookies of the last session, empty when none are kept or they are another account's."""
        kept = self._entries.get("cookies") if self._keeps_cookies else None
        if not kept:
            return []
        try:
            session = json.loads(kept)
            return list(session["cookies"]) if _same(session["email"], self.email) else []
        except (ValueError, KeyError, TypeError):
            _log.info("the kept session cannot be read; signing in afresh")
            return []

    def save_cookies(self, cookies: list[dict[str, Any]]) -> None:
        """Keep the session for the next run, where the keyring takes it."""
        if not self._keeps_cookies:
            return
        try:
            self._entries.set("cookies", json.dumps({"email": self.email, "cookies": cookies}))
        except CredentialsError as error:
            _log.info("the session is not kept for the next run: %s", error.message)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.casefold() == other.casefold()


class GivenCredentials:
    """Credentials that are at hand: the sandbox's own, or what a person has just typed."""

    def __init__(
        self,
        email: str,
        password: Secret,
        totp_secret: Secret | None = None,
        *,
        ask_code: Callable[[], str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.email: str | None = email
        self._login = (email, password)
        self.totp_secret = totp_secret
        self.asked = False
        self._ask_code = ask_code
        self._now = now
        self.cookies: list[dict[str, Any]] = []

    def login(self) -> tuple[str, Secret]:
        """E-mail and password."""
        return self._login

    def access_code(self, *, demanded: bool) -> Secret | None:
        """As ``StoredCredentials.access_code``; the person may answer with the TOTP secret, which is kept."""
        if self.totp_secret is None and demanded and self._ask_code is not None:
            answer = self._ask_code().strip()
            self.asked = True
            if answer.isdecimal():
                return Secret(answer)
            self.totp_secret = Secret(answer)
        return None if self.totp_secret is None else totp_code(self.totp_secret, self._now())

    def load_cookies(self) -> list[dict[str, Any]]:
        """None: these credentials begin with a sign-in."""
        return []

    def save_cookies(self, cookies: list[dict[str, Any]]) -> None:
        """Hold the session's cookies in memory, for a command that wants to keep them."""
        self.cookies = cookies
