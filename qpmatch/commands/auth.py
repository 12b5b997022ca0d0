"""``qpmatch auth``: signing in once, seeing what is known, and leaving no trace (SPEC 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from qpmatch.commands.autotask_login import autotask
from qpmatch.commands.options import for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import CredentialsError, UsageError
from qpmatch.output.view import Column, View

if TYPE_CHECKING:
    from qpmatch.config import Settings
    from qpmatch.credentials import GivenCredentials, Secret

app = typer.Typer(help="Sign in, see what is known, sign out.", no_args_is_help=True, rich_markup_mode=None)
app.command("autotask")(autotask)

_SANDBOX_NOTE = "the sandbox needs no sign-in: it signs in by itself"


@app.command()
@for_datacentre
def login(
    session: Session,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The CyberQP account [QPMATCH_EMAIL].")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
) -> None:
    """Sign in, and keep the secrets in the operating system's keyring.

    Asks for what is missing: e-mail, password and, with MFA on, the TOTP secret (to be stored once) or a
    single code. The first sign-in makes a profile, named like the region unless --profile names it.

    Example: qpmatch auth login --region na --email tech@msp.example
    """
    settings = _settings(session, email)
    if settings.target.is_embedded:
        session.note(_SANDBOX_NOTE)
        return
    from qpmatch.connect import keyring_entries, open_datacentre
    from qpmatch.credentials import GivenCredentials, Secret

    entries = keyring_entries(settings)
    entries.get("email")  # a machine without a keyring says so before anybody types a password
    environ = session.runtime.environ
    address = settings.email or _ask(session, "E-mail", missing="no e-mail address: give --email")
    secret = environ.get("QPMATCH_TOTP_SECRET")
    credentials = GivenCredentials(
        address,
        _password(session, from_stdin=password_stdin),
        Secret(secret) if secret else None,
        ask_code=(lambda: _ask_code(session)) if session.runtime.interactive else None,
    )
    with open_datacentre(settings, environ, credentials=credentials) as datacentre:
        datacentre.session.sign_in()
        links = datacentre.count_matched()
    _keep(session, settings, credentials)
    session.note(
        f"signed in to {settings.region} ({settings.target.host}) as {address}; the account may use "
        f"integrations, {links} matched companies are there"
    )
    if credentials.totp_secret is None and credentials.asked:
        session.note("only a code was given: with MFA on, the next sign-in asks for one again")


@app.command()
@for_datacentre
def status(session: Session) -> None:
    """Show what is known for signing in, and no secret. Nothing is sent; `qpmatch doctor` tries it.

    Example: qpmatch auth status -o json
    """
    settings = session.connection.settings
    record = _status(settings, session)
    session.show(
        View(
            [record],
            [
                Column("Profile", lambda r: r["profile"] or ""),
                Column("Region", lambda r: r["region"]),
                Column("Host", lambda r: r["host"]),
                Column("E-mail", lambda r: r["email"] or "none"),
                Column("Password", lambda r: r["password"] or "none"),
                Column("TOTP secret", lambda r: r["totp_secret"] or "none"),
                Column("Session", lambda r: "kept" if r["session"] else "none"),
            ],
            document=record,
        )
    )
    if not settings.target.is_embedded and not record["password"]:
        raise CredentialsError(
            f"no password is known for {settings.region} ({settings.target.host})",
            hint="Run `qpmatch auth login`, or set QPMATCH_EMAIL and QPMATCH_PASSWORD.",
        )


@app.command()
@for_datacentre
def logout(session: Session) -> None:
    """Remove every secret and the session of a profile from the keyring. The profile itself stays.

    Example: qpmatch auth logout --profile na
    """
    from qpmatch.connect import keyring_entries

    settings = session.connection.settings
    if settings.target.is_embedded:
        session.note(_SANDBOX_NOTE)
        return
    removed = keyring_entries(settings).clear()
    what = "removed from the keyring" if removed else "nothing was in the keyring"
    session.note(f"{settings.profile or settings.region} ({settings.target.host}): {what}")
    if session.runtime.environ.get("QPMATCH_PASSWORD"):
        session.note("QPMATCH_PASSWORD is still set in this environment")


def _settings(session: Session, email: str | None) -> Settings:
    """The settings to sign in with: the profile may be a new one."""
    from dataclasses import replace

    from qpmatch import config

    names = session.given["profile"] or [None]
    if len(names) > 1:
        raise UsageError("signing in works on one profile at a time", hint="Name one --profile.")
    options = session.given | {"profile": names[0], "email": email}
    settings = config.resolve(options, session.runtime.environ, new_profile=True)
    return settings if settings.profile else replace(settings, profile=settings.region)


def _password(session: Session, *, from_stdin: bool) -> Secret:
    from qpmatch.credentials import Secret

    if from_stdin:
        line = session.runtime.stdin.readline().rstrip("\r\n")
        if not line:
            raise CredentialsError(
                "no password came on standard input", hint="Pipe one line into the command."
            )
        return Secret(line)
    if known := session.runtime.environ.get("QPMATCH_PASSWORD"):
        return Secret(known)
    missing = "no password: give --password-stdin or QPMATCH_PASSWORD"
    return Secret(_ask(session, "Password", missing=missing, hidden=True))


def _ask_code(session: Session) -> str:
    question = "MFA is on. TOTP secret (it will be stored) or a 6-digit code"
    return _ask(session, question, missing="no MFA code", hidden=True)


def _ask(session: Session, question: str, *, missing: str, hidden: bool = False) -> str:
    if not session.runtime.interactive:
        raise CredentialsError(missing, hint="There is no terminal to ask on.")
    answer: str = typer.prompt(question, hide_input=hidden, err=True)
    return answer.strip() if not hidden else answer


def _keep(session: Session, settings: Settings, credentials: GivenCredentials) -> None:
    """Secrets and the session into the keyring, the rest into the configuration file."""
    from qpmatch import config, configedit
    from qpmatch.connect import keyring_entries, stored_credentials

    entries = keyring_entries(settings)
    address, password = credentials.login()
    entries.clear()
    entries.set("email", address)
    entries.set("password", password.reveal())
    if credentials.totp_secret is not None:
        entries.set("totp-secret", credentials.totp_secret.reveal())
    stored_credentials(settings, {}).save_cookies(credentials.cookies)
    profile = settings.profile or settings.region
    known = config.load(session.runtime.environ).profiles.get(profile)
    values: dict[tuple[str, ...], Any] = {}
    if known is None or known.email != address:
        values["profiles", profile, "email"] = address
    if known is None:
        place = ("base_url", settings.target.base_url)
        if settings.region in ("na", "eu", "ca"):
            place = ("region", settings.region)
        values["profiles", profile, place[0]] = place[1]
    if values:
        path = config.config_path(session.runtime.environ)
        configedit.set_values(path, values)
        session.note(f"profile {profile} written to {path}")


def _status(settings: Settings, session: Session) -> dict[str, Any]:
    from qpmatch.connect import keyring_entries

    environ = session.runtime.environ
    record: dict[str, Any] = {
        "profile": settings.profile,
        "region": settings.region,
        "host": settings.target.host,
        "email": settings.email,
        "password": None,
        "totp_secret": None,
        "session": False,
        "keyring": None,
    }
    if settings.target.is_embedded:
        return record | {"password": "sandbox", "totp_secret": "sandbox"}
    try:
        entries = keyring_entries(settings)
        kept = {entry for entry in ("password", "totp-secret", "cookies") if entries.get(entry) is not None}
        record["email"] = settings.email or entries.get("email")
        record["keyring"] = entries.backend_name
    except CredentialsError as error:
        session.note(error.message)
        kept = set()
    for key, entry, variable in (
        ("password", "password", "QPMATCH_PASSWORD"),
        ("totp_secret", "totp-secret", "QPMATCH_TOTP_SECRET"),
    ):
        record[key] = "environment" if environ.get(variable) else "keyring" if entry in kept else None
    record["session"] = "cookies" in kept
    return record
