"""The options that commands share, and the decorators that give them to a command (SPEC 4)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from qpmatch.commands.session import Session
from qpmatch.output.view import Format

Profile: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--profile", "-p", metavar="NAME", help="Profile of config.yaml [QPMATCH_PROFILE]."),
]
Region: TypeAlias = Annotated[
    str | None,
    typer.Option("--region", "-r", metavar="na|eu|ca|sandbox", help="CyberQP datacentre [QPMATCH_REGION]."),
]
BaseUrl: TypeAlias = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="API address instead of a region [QPMATCH_BASE_URL]."),
]
Output: TypeAlias = Annotated[
    Format | None, typer.Option("--output", "-o", help="How to print the data [QPMATCH_OUTPUT].")
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no notes [QPMATCH_QUIET].")
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option("--verbose", "-v", count=True, help="Say more; twice shows each request [QPMATCH_VERBOSE]."),
]
Timeout: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", help="How long one request may take, default 30 [QPMATCH_TIMEOUT]."
    ),
]
Concurrency: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--concurrency", metavar="N", help="Requests at the same time, default 4 [QPMATCH_CONCURRENCY]."
    ),
]

CompaniesFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--companies-from",
        metavar="cyberqp|autotask",
        help="Where companies are read, default cyberqp [QPMATCH_COMPANIES_FROM].",
    ),
]

PlanFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Stage in this plan file instead of acting now."),
]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Replace what the plan file holds already.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; send nothing.")]
AllowAssumed: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--allow-assumed/--no-allow-assumed",
        help="Let writes over assumed routes through [QPMATCH_ALLOW_ASSUMED].",
    ),
]
UndoFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--undo", metavar="FILE", help="Where the undo plan is written, default the state folder."),
]
Aliases: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--aliases", metavar="FILE", help="Your own name pairs, default aliases.yaml beside config.yaml."
    ),
]

_OUTPUT: dict[str, Any] = {"output": Output, "quiet": Quiet, "verbose": Verbose}
_DATACENTRE: dict[str, Any] = {
    "profile": Profile,
    "region": Region,
    "base_url": BaseUrl,
    "companies_from": CompaniesFrom,
    **_OUTPUT,
    "timeout": Timeout,
    "concurrency": Concurrency,
}
_DEFAULTS: dict[str, Any] = {"quiet": False, "verbose": 0}


def for_datacentre(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of everything that talks to a datacentre, and a :class:`Session` first."""
    return _with_options(command, _DATACENTRE)


def for_output(command: Callable[..., None]) -> Callable[..., None]:
    """Give an offline command the options about what is printed, and a :class:`Session` first."""
    return _with_options(command, _OUTPUT)


def _with_options(command: Callable[..., None], shared: dict[str, Any]) -> Callable[..., None]:
    """``command(session, ...)`` becomes ``wrapper(context, ..., *shared)``: Typer reads the signature."""

    @functools.wraps(command)
    def wrapper(context: typer.Context, **values: Any) -> None:
        given = {name: values.pop(name) for name in shared}
        with Session.start(context.obj, given) as session:
            command(session, **values)

    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *(parameter.replace(kind=keyword) for parameter in own),
        *(
            inspect.Parameter(name, keyword, annotation=annotation, default=_DEFAULTS.get(name))
            for name, annotation in shared.items()
        ),
    ]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by inspect
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapper
