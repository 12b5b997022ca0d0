"""``qpmatch config``: where the configuration is, what holds, and changing one value of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qpmatch.commands.options import for_datacentre, for_output
from qpmatch.commands.session import Session
from qpmatch.errors import UsageError
from qpmatch.output.view import Column, Format, View

if TYPE_CHECKING:
    from qpmatch.config import Settings

app = typer.Typer(help="Show and change the configuration.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
@for_output
def path(session: Session) -> None:
    """Print where config.yaml is, whether it exists or not.

    Example: qpmatch config path
    """
    from qpmatch.config import config_path

    where = config_path(session.runtime.environ)
    if session.output.format is Format.TABLE:
        session.runtime.write(f"{where}\n")  # nothing around it: $EDITOR "$(qpmatch config path)"
        return
    record = {"path": str(where), "exists": where.exists()}
    session.show(View([record], [Column("Path", lambda r: r["path"])], document=record))


@app.command()
@for_datacentre
def show(session: Session) -> None:
    """Show the settings that hold here: options, environment, profile and defaults, merged.

    Example: qpmatch config show --profile na -o json
    """
    record = _record(session.connection.settings)
    lines = [{"setting": key, "value": _shown(value)} for key, value in record.items()]
    columns = [Column("Setting", lambda r: r["setting"]), Column("Value", lambda r: r["value"])]
    session.show(View(lines, columns, document=record))


@app.command()
@for_output
def schema(session: Session) -> None:
    """Print the JSON Schema of config.yaml, for editors.

    Example: qpmatch config schema > config.schema.json
    """
    import json

    from qpmatch.config import json_schema

    session.runtime.write(json.dumps(json_schema(), indent=2) + "\n")


@app.command("set")
@for_output
def set_(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as region, timeout or limits.removals.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The value, as it would stand in the file.")],
    profile: Annotated[
        str | None,
        typer.Option("--profile", "-p", metavar="NAME", help="The profile to change; it is made if needed."),
    ] = None,
) -> None:
    """Set one value in config.yaml; comments and everything else stay as they are.

    default_profile belongs to the file, every other key to a profile. Secrets are refused: they belong into
    the keyring (`qpmatch auth login`).

    Example: qpmatch config set --profile na timeout 60
    """
    from qpmatch import config, configedit

    environ = session.runtime.environ
    where = config.config_path(environ)
    if key == "default_profile":
        keys: tuple[str, ...] = (key,)
    else:
        loaded = config.load(environ)
        name = profile or environ.get("QPMATCH_PROFILE") or loaded.default_profile
        if name is None and len(loaded.profiles) == 1:
            name = next(iter(loaded.profiles))
        if name is None:
            raise UsageError(
                "no profile is named", hint=f"Try: qpmatch config set --profile na {key} {value}"
            )
        keys = ("profiles", name, *_steps(key))
    configedit.set_values(where, {keys: configedit.parsed_value(value, text=keys[-1] in config.TEXT_KEYS)})
    session.note(f"{'.'.join(keys)} is set in {where}")


def _steps(key: str) -> tuple[str, ...]:
    """The keys of a dotted name; a route's name holds a dot of its own."""
    from qpmatch.api.routes import ROUTES

    if key.startswith("routes."):
        for route in ROUTES:
            if key.startswith(f"routes.{route}."):
                return ("routes", route, *key.removeprefix(f"routes.{route}.").split(".", 1))
    return tuple(key.split("."))


def _record(settings: Settings) -> dict[str, Any]:
    from qpmatch.api.routes import ROUTES

    overridden = [name for name, route in settings.routes.items() if route != ROUTES[name]]
    return {
        "profile": settings.profile,
        "region": settings.region,
        "base_url": settings.target.base_url,
        "email": settings.email,
        "integration": settings.integration,
        "companies_from": settings.companies_from,
        "timeout": settings.timeout,
        "deadline": settings.deadline,
        "job_wait": settings.job_wait,
        "concurrency": settings.concurrency,
        "allow_assumed": settings.allow_assumed,
        "keep_session": settings.keep_session,
        "limits": asdict(settings.limits),
        "routes": overridden,
        "autotask": asdict(settings.autotask),
    }


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{key}: {_shown(item)}" for key, item in value.items() if item is not None)
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
