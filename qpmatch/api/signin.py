"""What a datacentre's answer to a sign-in means.

The dashboard's answers are not documented (WIRE.md session.login: "body not read"), so the words of the
answer are looked at beside its status, and an answer that nobody knows is quoted.
"""

from __future__ import annotations

import re
from typing import Any

from qpmatch.api.answer import Answer
from qpmatch.api.regions import Target
from qpmatch.errors import CredentialsError, DatacentreError, QpmatchError

_CODE = re.compile(r"access.?code|\bmfa\b|multi.?factor|two.?factor|\b2fa\b|verification code|\botp\b", re.I)
_SSO = re.compile(r"\bsso\b|single.?sign", re.I)
_LOCKED = re.compile(r"\block(ed|out)\b|disabled|suspended", re.I)


def demands_code(answer: Answer, cookies: list[dict[str, Any]]) -> bool:
    """Whether the answer asks for an MFA code."""
    refused = answer.status in (400, 401, 403, 422) or (answer.is_success and not cookies)
    return refused and bool(_CODE.search(answer.words()))


def problem(
    answer: Answer, *, email: str, code_sent: bool, has_cookies: bool, target: Target, words: str
) -> QpmatchError | None:
    """Why the sign-in failed, as an error to raise; ``None`` when it succeeded.

    ``words`` are the server's, cleaned of secrets.
    """
    if answer.is_success and has_cookies and not answer.is_html:
        return None
    where = f"{target.region} ({target.host})"
    said = f": {words}" if words else ""
    if _SSO.search(words):
        return CredentialsError(
            f"the account {email} signs in with single sign-on (SSO) only",
            hint="qpmatch signs in with a password. An account with the Primary or Super role keeps "
            "its password when SSO is on: use one.",
        )
    if _CODE.search(words):
        return _code_problem(email, code_sent=code_sent)
    if answer.status == 401 and not _LOCKED.search(words):
        return CredentialsError(
            f"{where} does not accept the e-mail address {email} with this password{said}",
            hint="Check both with `qpmatch auth login`. The account may also live in another region: "
            f"--region {' or '.join(target.other_regions)}.",
        )
    if answer.status in (400, 401, 403, 422):
        return CredentialsError(
            f"{where} refuses to sign in {email} ({answer.status}){said}",
            hint="The account needs the Primary or Super role, must not be locked and must not be limited "
            "to single sign-on.",
        )
    if answer.is_success:
        return DatacentreError(
            f"session.login: {target.host} answered {answer.status} without opening a session{said}",
            hint=f"Is {target.base_url} the right address? It may be under maintenance; try again later.",
        )
    return DatacentreError(
        f"session.login: {target.host} answered {answer.status}{said}",
        hint=f"Is {target.base_url} the right address? Run `qpmatch doctor`.",
    )


def _code_problem(email: str, *, code_sent: bool) -> CredentialsError:
    if code_sent:
        return CredentialsError(
            f"the MFA code for {email} was not accepted",
            hint="Is the clock of this machine right, and is the TOTP secret this account's? "
            "Run `qpmatch auth login` to store it again.",
        )
    return CredentialsError(
        f"the account {email} has MFA on, and no code is at hand",
        hint="Store the TOTP secret once with `qpmatch auth login`, or set QPMATCH_TOTP_SECRET (CI).",
    )
