"""What Autotask's refusals mean for a technician (AUTOTASK.md B6)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from qpmatch.api.answer import Answer
from qpmatch.api.autotask_routes import THREAD_LIMIT_TEXTS
from qpmatch.errors import CredentialsError, DatacentreError, QpmatchError

_CODE = re.compile(r"integration ?code", re.I)
_ZONE = re.compile(r"zone information could not be determined", re.I)
_FIELD = re.compile(r"unable to find \[?(\w+)", re.I)
_CREDENTIALS_HINT = (
    "Check the user name, the secret, the integration code and the zone; Autotask does not say which it is. "
    'The user needs the security level "API User (system)"; an ordinary user finds its zone and is refused '
    "here."
)


def error_words(answer: Answer) -> list[str]:
    """The texts under ``errors``, which a successful answer can hold too."""
    document = answer.document
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return [answer.words()] if answer.words() and not answer.is_success else []
    texts = [error.get("message") if isinstance(error, dict) else error for error in errors]
    return [text for text in texts if isinstance(text, str) and text] or ["an error without words"][
        : len(errors)
    ]


def is_thread_limit(answer: Answer) -> bool:
    """Whether Autotask works on too many requests of this integration already, whatever the status."""
    text = " ".join(error_words(answer)).casefold()
    if not text and not answer.is_success:
        text = answer.content[:2000].decode("utf-8", "replace").casefold()
    return any(sign in text for sign in THREAD_LIMIT_TEXTS)


def refusal(what: str, answer: Answer, words: str) -> QpmatchError:
    """The error for an answer that is no data. ``what`` names the request, ``words`` are cleaned."""
    said = f": {words}" if words else ""
    if answer.status == 401:
        return CredentialsError(
            f"{what} answered 401{said}: the credentials are refused", hint=_CREDENTIALS_HINT
        )
    if _CODE.search(words):
        return CredentialsError(
            f"{what}: the integration code is refused{said}",
            hint="Take the tracking identifier from the API user in Autotask (Admin, Resources/Users, API "
            "tracking identifier): a custom one of your own, not CyberQP's.",
        )
    if _ZONE.search(words):
        return CredentialsError(
            f"{what}: no zone is known for this user name{said}",
            hint="Check the API user's name: QPMATCH_AUTOTASK_USERNAME, or autotask.username in the profile.",
        )
    if answer.status in (403, 405):
        return CredentialsError(
            f"{what} answered {answer.status}: the API user may not do this{said}",
            hint="Its security level needs to see companies of every kind: customers, vendors, prospects.",
        )
    if 300 <= answer.status < 400:
        host = urlsplit(answer.headers.get("location", "")).hostname or "another address"
        return DatacentreError(
            f"{what}: sends us on to {host}, which is not followed",
            hint="Credentials stay with one host. Check autotask.url; left out, the zone is found out.",
        )
    if field := _FIELD.search(words):
        return DatacentreError(
            f"{what}: Autotask does not know the field {field[1]}{said}",
            hint="Its security level may hide the field from the API user; if not, report it.",
        )
    if answer.status == 404:
        hint = "Check autotask.url, or leave it out: the zone is found out."
    elif answer.is_html:
        hint = "A page for people came instead of data: maintenance, or something between you and Autotask."
    else:
        hint = "Autotask answers most mistakes like this. Run `qpmatch doctor`."
    return DatacentreError(f"{what} answered {answer.status}{said}", hint=hint)
