"""``qpmatch doctor``: what works, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpmatch.commands.options import for_datacentre
from qpmatch.commands.session import Session
from qpmatch.errors import ExitCode, UsageError
from qpmatch.output.view import Format, Record

if TYPE_CHECKING:
    from qpmatch.doctor.checklist import Checklist

Har = Annotated[
    Path | None,
    typer.Option("--har", metavar="FILE", help="Compare a browser's recording with the route table."),
]


@for_datacentre
def doctor(session: Session, har: Har = None) -> None:
    """Check everything between you and a match, in order of cause, and say what to do. It never writes.

    Exit 0 when nothing fails (warnings are none), 6 for credentials or role, 7 for an unreachable or failing
    datacentre, 2 for the configuration.

    With --har it reads a HAR file that a browser recorded on the dashboard, says per route whether the
    dashboard sends what qpmatch would send, and prints the override for the profile.

    Example: qpmatch doctor --region sandbox
    """
    if har is not None:
        _read_recording(session, har)
        return
    checklist = _examine(session)
    session.progress.close()
    _show(session, [line.record() for line in checklist.lines])
    if checklist.exit_code is not ExitCode.DONE:
        raise typer.Exit(checklist.exit_code)


def _examine(session: Session) -> Checklist:
    from qpmatch.doctor.checklist import Checklist, Found
    from qpmatch.doctor.examine import examine

    try:
        settings = session.connection.settings
        return examine(
            settings,
            session.runtime.environ,
            now=session.runtime.now,
            ask_code=session.ask_code,
            progress=session.progress,
        )
    except UsageError as error:
        broken = error

    def fail() -> Found:
        raise broken

    checklist = Checklist()
    checklist.try_("configuration", fail)
    return checklist


def _read_recording(session: Session, path: Path) -> None:
    from qpmatch.har import report
    from qpmatch.har.reading import Recording
    from qpmatch.har.survey import Survey

    session.choose(fallback_region="sandbox")
    settings = session.connection.settings
    session.note(
        f"{path} was read on this machine only and none of its values is printed; it holds passwords and "
        "cookies: delete it when you are done"
    )
    recording = Recording(path)
    survey = Survey([settings.target.base_url], settings.routes)
    for request in recording.requests():
        survey.add(request)
    if not recording.complete:
        session.note(
            f"warning: the file breaks off after {recording.entries} requests; what follows is about these"
        )
    if not survey.requests:
        session.note(
            "warning: no request to a CyberQP dashboard is in it. Was it another site, or a dashboard at an "
            "address of its own (then give it: --base-url https://HOST/api/)?"
        )
    findings = survey.findings()
    _show(session, [report.record(finding) for finding in findings])
    override = report.override_text(findings)
    if override and session.output.format in (Format.TABLE, Format.MARKDOWN):
        session.runtime.write(_pasteable(override, session.output.format))


def _pasteable(override: str, form: Format) -> str:
    if form is Format.MARKDOWN:
        return f"\n```yaml\n{override}```\n"
    return f"\n# For the profile in config.yaml (`qpmatch config path` shows where it is):\n{override}"


def _show(session: Session, records: Sequence[Record]) -> None:
    from qpmatch.doctor import text

    if session.output.format is Format.TABLE:
        session.runtime.write(text.as_lines(records))
    else:
        session.show(text.view(records))
