"""The ``qpmatch`` command: registers the verbs, and turns every error into a message and an exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from qpmatch import __version__
from qpmatch.commands import (
    auth,
    config,
    confirm,
    create,
    doctor,
    edit,
    journal,
    list,
    match,
    plan,
    sandbox,
    suggest,
    unmatch,
)
from qpmatch.errors import ExitCode, QpmatchError
from qpmatch.output.printable import printable, shortened

_LONGEST_MESSAGE = 2_000
"""Characters of a message that are shown: it may quote what somebody put into a file."""


class ErrorBoundary(TyperGroup):
    """The one place where an exception becomes a message on stderr and an exit code (SPEC 5)."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and end the process, as Typer's own ``main`` does."""
        words = sys.argv[1:] if args is None else [*args]
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
            if code == ExitCode.INTERRUPTED:  # Typer makes an exit of Ctrl-C, and says nothing
                _report(words, "interrupted", "interrupted", None, ExitCode.INTERRUPTED)
        except QpmatchError as error:
            code = _report(words, error.code, error.message, error.hint, error.exit_code)
        except typer.TyperException as error:
            code = _report(words, "usage", error.format_message(), _help_hint(error), ExitCode.USAGE)
        except typer.Abort:
            code = _report(words, "interrupted", "interrupted", None, ExitCode.INTERRUPTED)
        except BrokenPipeError:
            code = _leave_broken_pipe()
        except Exception as error:  # the boundary: whatever else goes wrong is said, and ends with 1
            code = _report_unexpected(words, error)
        sys.exit(code or 0)


def _report(words: Sequence[str], code: str, message: str, hint: str | None, exit_code: ExitCode) -> ExitCode:
    if os.environ.get("QPMATCH_DEBUG") == "1":
        traceback.print_exc(file=sys.stderr)
    message = shortened(message, _LONGEST_MESSAGE)
    if _wants_json(words):
        detail = {"code": code, "message": message, "hint": hint, "exit_code": int(exit_code)}
        typer.echo(json.dumps({"error": detail}), err=True)
    else:
        lines = [f"error: {message}"] + ([f"hint: {hint}"] if hint else [])
        typer.echo("\n".join(printable(line) for text in lines for line in text.splitlines()), err=True)
    return exit_code


def _report_unexpected(words: Sequence[str], error: Exception) -> ExitCode:
    hint = "set QPMATCH_DEBUG=1 to see where, and report it"
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError):
        message = f"{error.strerror or type(error).__name__}" + (
            f": {error.filename}" if error.filename else ""
        )
        hint = "nothing more was done; free the space or fix the permission and run the command again"
    return _report(words, "unexpected", message, hint, ExitCode.UNEXPECTED)


def _leave_broken_pipe() -> ExitCode:
    """The reader of a pipe left early: leave quietly, without a second error when Python flushes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.UNEXPECTED


def _help_hint(error: typer.TyperException) -> str | None:
    context = getattr(error, "ctx", None)
    return f"see: {context.command_path} --help" if context else None


def _wants_json(words: Sequence[str]) -> bool:
    """Whether the command line asks for JSON: an error must follow it even when parsing stopped early."""
    asked = os.environ.get("QPMATCH_OUTPUT", "")
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in ("-o", "--output"):
            asked = following
        elif word.startswith("--output="):
            asked = word.removeprefix("--output=")
        elif word.startswith("-o") and not word.startswith("--"):
            asked = word.removeprefix("-o")
    return asked in ("json", "ndjson")


app = typer.Typer(
    cls=ErrorBoundary,
    name="qpmatch",
    help="Match Autotask companies to CyberQP customers: see, suggest, plan, confirm, undo.",
    epilog="Try it without an account: qpmatch suggest --region sandbox",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qpmatch {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave."),
    ] = False,
) -> None:
    pass


app.command("list")(list.list_)
app.command("suggest")(suggest.suggest)
app.command("confirm")(confirm.confirm)
app.command("match")(match.match)
app.command("create")(create.create)
app.command("unmatch")(unmatch.unmatch)
app.command("edit")(edit.edit)
app.command("doctor")(doctor.doctor)
app.add_typer(plan.app, name="plan")
app.add_typer(journal.app, name="journal")
app.add_typer(auth.app, name="auth")
app.add_typer(config.app, name="config")
app.add_typer(sandbox.app, name="sandbox")
