"""``qpmatch sandbox``: the built-in datacentre (SPEC 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qpmatch.commands.options import for_output
from qpmatch.commands.session import Session
from qpmatch.errors import ConfigError
from qpmatch.output.view import Column, View
from qpmatch.sandbox.roles import Role

if TYPE_CHECKING:
    from qpmatch.sandbox.store import SandboxInfo, Store

app = typer.Typer(
    help="The built-in datacentre: no account, no network.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
@for_output
def reset(
    session: Session,
    companies: Annotated[
        int, typer.Option("--companies", metavar="N", help="How many companies, 5 to 50000.")
    ] = 200,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same seed makes the same MSP, everywhere.")
    ] = 1,
) -> None:
    """Fill the sandbox with a made-up MSP; what it held is gone.

    Example: qpmatch sandbox reset --companies 5000 --seed 7
    """
    with _store(session) as store:
        store.reset(companies, seed)
        _show(session, store.info())


@app.command()
@for_output
def info(session: Session) -> None:
    """Show where the sandbox keeps its state, how to sign in, and how much it holds.

    Example: qpmatch sandbox info -o json
    """
    with _store(session) as store:
        _show(session, store.info())


@app.command()
@for_output
def serve(
    session: Session,
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="0 takes any free port.")] = 0,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="A loopback address.")] = "127.0.0.1",
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="RULE", help="Provoke a fault, as above; repeatable."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Decides which requests a fault with @RATE strikes.")
    ] = 1,
    latency_ms: Annotated[
        float, typer.Option("--latency-ms", metavar="MS", min=0, help="Delay every answer by so much.")
    ] = 0,
    job_delay_ms: Annotated[
        float,
        typer.Option("--job-delay-ms", metavar="MS", min=0, help="How long after its answer a job is done."),
    ] = 30,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            metavar="ROUTE=...",
            help="Change a route's method, path or fields, such as "
            "'matches.save=POST other/path,displayName:label'; repeatable.",
        ),
    ] = None,
    mfa: Annotated[
        bool | None,
        typer.Option("--mfa/--no-mfa", help="Ask for an access code, until the next reset."),
    ] = None,
    role: Annotated[Role, typer.Option("--role", help="The role of the account.")] = Role.SUPER,
    sso_only: Annotated[
        bool, typer.Option("--sso-only", help="Refuse the password: the account has single sign-on only.")
    ] = False,
    session_seconds: Annotated[
        float, typer.Option("--session-seconds", metavar="N", min=0, help="When a session expires.")
    ] = 8 * 3600,
    for_seconds: Annotated[
        float | None, typer.Option("--for-seconds", metavar="N", min=0, help="Stop after so long.")
    ] = None,
) -> None:
    """Run the sandbox as a server over the same state file, until Ctrl-C.

    The first line on stdout is its base URL. The stand-in for Autotask's REST API is on the same port.

    A fault is written METHOD PATH=KIND: PATH as WIRE.md has it, filled in or with its {placeholders};
    KINDxN strikes the first N requests, KIND@RATE that share of them, KIND alone every one. Kinds:

    \b
    401, 403, 429, 500, 502, 503, ... an error status; nothing is done
    429-after-SECONDS    429 with Retry-After in seconds; nothing is done
    429-date             429 with Retry-After as a date; nothing is done
    reset                the connection is dropped before anything is done
    reset-after-commit   done, then the connection is dropped
    refuse-MS            dropped, and new connections are refused for MS ms
    slow-MS              answered MS milliseconds late
    hang                 no answer until the client leaves; nothing is done
    truncated            done; half of the answer is sent
    invalid-json         done; the answer is not JSON
    html                 a login page with status 200; nothing is done
    redirect             to another host; nothing is done
    shift                lists: a row moves, and is missed between two pages
    short                lists: the total is one more than there are rows
    no-effect            writes: accepted, never done
    partial              writes: accepted, half of the matches are done
    foreign-next         Autotask: nextPageUrl points to another host

    A password or role that is refused: 'POST auth/login=401' or --role, --sso-only.

    Example: qpmatch sandbox serve --fault 'POST integrations/customers/matches/createjob=429x2'
    """
    try:
        from qpmatch.sandbox.serve import open_server, run_until_stopped
        from qpmatch.sandbox.signin import Policy
    except ImportError as error:
        if error.name is None or not error.name.startswith("werkzeug"):
            raise
        raise ConfigError(
            "the sandbox is not installed", hint="Install it: pip install 'qpmatch[sandbox]'"
        ) from None

    with _store(session) as store:
        if mfa is not None:
            store.require_mfa(mfa)
        account = store.info()
        server = open_server(
            store,
            host=host,
            port=port,
            faults=fault or [],
            renames=rename or [],
            seed=seed,
            latency_ms=latency_ms,
            job_delay_ms=job_delay_ms,
            policy=Policy(role, sso_only, session_seconds),
        )

        def announce() -> None:
            session.runtime.write(f"{server.base_url}\n")
            session.note(f"sign in with {_variables(account)}; Ctrl-C ends it")

        run_until_stopped(server, announce, for_seconds=for_seconds)


def _store(session: Session) -> Store:
    from qpmatch.sandbox.location import state_path
    from qpmatch.sandbox.store import Store

    return Store(state_path(session.runtime.environ))


def _variables(account: SandboxInfo) -> str:
    values = {"QPMATCH_EMAIL": account.email, "QPMATCH_PASSWORD": account.password}
    if account.totp_secret:
        values["QPMATCH_TOTP_SECRET"] = account.totp_secret
    return " ".join(f"{name}={value}" for name, value in values.items())


def _show(session: Session, account: SandboxInfo) -> None:
    record = {
        "path": str(account.path),
        "email": account.email,
        "password": account.password,
        "totp_secret": account.totp_secret,
        "companies": account.companies,
        "customers": account.customers,
        "links": account.links,
        "seed": account.seed,
        "autotask_username": account.autotask_username,
        "autotask_secret": account.autotask_secret,
        "autotask_integration_code": account.autotask_integration_code,
    }
    lines = [{"what": name.replace("_", " "), "value": value} for name, value in record.items()]
    columns = [
        Column("Sandbox", lambda line: line["what"]),
        Column("Value", lambda line: "none" if line["value"] is None else str(line["value"])),
    ]
    session.show(View(lines, columns, document=record))
