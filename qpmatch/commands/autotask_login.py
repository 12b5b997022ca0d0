"""``qpmatch auth autotask``: Autotask's secrets into the keyring, once tried (AUTOTASK.md B2)."""

from __future__ import annotations

from typing import Annotated

import typer

from qpmatch.commands.options import for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import CredentialsError


@for_datacentre
def autotask(
    session: Session,
    username: Annotated[
        str | None, typer.Option(metavar="NAME", help="The API user's name [QPMATCH_AUTOTASK_USERNAME].")
    ] = None,
) -> None:
    """Try Autotask's credentials, and keep them in the operating system's keyring.

    Asks for the API user's name, its secret and its integration code (API tracking identifier), unless the
    environment has them. Then companies can be read from there: --companies-from autotask.

    Example: qpmatch auth autotask --profile na --username api@msp.example
    """
    settings = session.connection.settings
    if settings.target.is_embedded:
        session.note("the sandbox needs no sign-in: it signs in by itself")
        return
    from qpmatch.api.autotask_credentials import (
        INTEGRATION_CODE,
        SECRET,
        USERNAME,
        AutotaskCredentials,
        from_environment,
    )
    from qpmatch.connect import keyring_entries, open_autotask
    from qpmatch.credentials import Secret

    environ = session.runtime.environ
    entries = keyring_entries(settings)
    entries.get("autotask-username")  # a machine without a keyring says so before anybody types a secret
    name = username or from_environment(environ, USERNAME) or settings.autotask.username
    credentials = AutotaskCredentials(
        name or _ask(session, "API user name", USERNAME[0], hidden=False),
        Secret(from_environment(environ, SECRET) or _ask(session, "secret", SECRET[0])),
        Secret(
            from_environment(environ, INTEGRATION_CODE)
            or _ask(session, "integration code", INTEGRATION_CODE[0])
        ),
    )
    client = open_autotask(settings, environ, credentials)
    try:
        zone = client.find_zone()
        client.threshold()
    finally:
        client.close()
    entries.set("autotask-username", credentials.username)
    entries.set("autotask-secret", credentials.secret.reveal())
    entries.set("autotask-integration-code", credentials.integration_code.reveal())
    session.note(f"Autotask accepts {credentials.username} at {zone}; kept in the keyring")


def _ask(session: Session, what: str, variable: str, *, hidden: bool = True) -> str:
    if not session.runtime.interactive:
        raise CredentialsError(
            f"no Autotask {what} is given", hint=f"There is no terminal to ask on: set {variable}."
        )
    answer: str = typer.prompt(f"Autotask: {what}", hide_input=hidden, err=True)
    return answer.strip()
