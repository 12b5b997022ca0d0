"""``qpmatch doctor``: what works, what does not, and what to do about it."""

from __future__ import annotations

from qpmatch.commands.options import for_datacentre
from qpmatch.commands.session import Session
from qpmatch.output.view import Column, View


@for_datacentre
def doctor(session: Session) -> None:
    """Check the configuration, and say what to do next. It never writes.

    Example: qpmatch doctor --region sandbox
    """
    region = session.connection.settings.region
    record = {"check": "configuration", "status": "ok", "detail": f"region {region}", "next": None}
    session.show(
        View(
            [record],
            [
                Column("Check", lambda line: str(line["check"])),
                Column("Status", lambda line: str(line["status"])),
                Column("Detail", lambda line: str(line["detail"])),
                Column("Next step", lambda line: line["next"] or ""),
            ],
        )
    )
