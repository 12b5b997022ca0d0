"""What is known on this machine before anything is sent: configuration, keyring, credentials."""

from __future__ import annotations

from collections.abc import Mapping

from qpmatch.config import Settings, config_path
from qpmatch.connect import keyring_entries, stored_credentials
from qpmatch.doctor.checklist import Checklist, Found, Status

_OWN = "the sandbox signs in by itself"


def check_setup(checklist: Checklist, settings: Settings, environ: Mapping[str, str]) -> None:
    """Say what the settings come to, and whether secrets can be had."""
    checklist.try_("configuration", lambda: _configuration(settings, environ))
    checklist.try_("keyring", lambda: _keyring(settings, environ))
    checklist.try_("credentials", lambda: _credentials(settings, environ), needs=["keyring"])


def _configuration(settings: Settings, environ: Mapping[str, str]) -> Found:
    path = config_path(environ)
    if settings.profile is not None:
        profile = f"profile {settings.profile} of {path}"
    else:
        profile = f"no profile of {path}" if path.exists() else f"no file {path}, which is fine"
    place = "in-process" if settings.target.is_embedded else settings.target.host
    return Found(f"region {settings.region} ({place}), companies from {settings.companies_from}; {profile}")


def _keyring(settings: Settings, environ: Mapping[str, str]) -> Found:
    if settings.target.is_embedded:
        return Found(_OWN, Status.SKIP)
    if stored_credentials(settings, environ).source == "environment":
        return Found("not needed: the password comes from the environment", Status.SKIP)
    entries = keyring_entries(settings)
    entries.get("email")
    return Found(f"{entries.backend_name} answers")


def _credentials(settings: Settings, environ: Mapping[str, str]) -> Found:
    if settings.target.is_embedded:
        return Found(_OWN, Status.SKIP)
    credentials = stored_credentials(settings, environ)
    email, _ = credentials.login()
    mfa = "a TOTP secret" if credentials.access_code(demanded=False) else "no TOTP secret"
    return Found(f"e-mail {email}, a password and {mfa} from the {credentials.source}")
