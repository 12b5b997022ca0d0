"""Settings: options, environment, profile and defaults, merged in this order (SPEC 4, SPEC 8)."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpmatch.api import regions
from qpmatch.api.regions import Target
from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Route, overridden
from qpmatch.errors import ConfigError
from qpmatch.plan.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from pydantic import ValidationError

    from qpmatch.profiles import ConfigFile, Profile
    from qpmatch.yamlload import Located

_log = logging.getLogger(__name__)

TEXT_KEYS = frozenset({"default_profile", "email", "username"})
"""Keys of ``config.yaml`` whose values stay as spelled, whatever they look like."""

VARIABLES = {
    "profile": "QPMATCH_PROFILE",
    "region": "QPMATCH_REGION",
    "base_url": "QPMATCH_BASE_URL",
    "email": "QPMATCH_EMAIL",
    "integration": "QPMATCH_INTEGRATION",
    "companies_from": "QPMATCH_COMPANIES_FROM",
    "timeout": "QPMATCH_TIMEOUT",
    "deadline": "QPMATCH_DEADLINE",
    "job_wait": "QPMATCH_JOB_WAIT",
    "concurrency": "QPMATCH_CONCURRENCY",
    "allow_assumed": "QPMATCH_ALLOW_ASSUMED",
    "keep_session": "QPMATCH_KEEP_SESSION",
}
"""Setting -> environment variable."""


@dataclass(frozen=True, slots=True)
class AutotaskSettings:
    """Where Autotask is asked, and as whom; its secrets are in the keyring or the environment."""

    username: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one run against one tenant. Times are seconds."""

    target: Target
    profile: str | None = None
    email: str | None = None
    integration: str = "autotask"
    companies_from: str = "cyberqp"
    timeout: float = 30.0
    deadline: float = 120.0
    job_wait: float = 60.0
    concurrency: int = 4
    allow_assumed: bool = False
    keep_session: bool = True
    limits: Limits = DEFAULT_LIMITS
    routes: Mapping[str, Route] = field(default_factory=lambda: ROUTES)
    autotask: AutotaskSettings = AutotaskSettings()

    @property
    def region(self) -> str:
        """``na``, ``eu``, ``ca``, ``sandbox``, or ``custom`` for a base URL."""
        return self.target.region


def config_path(environ: Mapping[str, str]) -> Path:
    """Where ``config.yaml`` is: ``QPMATCH_CONFIG``, else the platform's configuration folder."""
    if chosen := environ.get("QPMATCH_CONFIG"):
        return Path(chosen).expanduser()
    from platformdirs import user_config_path

    return user_config_path("qpmatch", appauthor=False) / "config.yaml"


def resolve(
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    new_profile: bool = False,
    fallback_region: str | None = None,
) -> Settings:
    """The settings of one run.

    ``options`` holds what the command line gave, ``None`` for what it did not; keys that are no settings are
    passed over. ``new_profile`` lets a profile be named that does not exist yet; ``fallback_region`` is where
    to go when nobody names a place: the region that a plan was made for. Raises ``ConfigError`` for a file or
    variable that cannot be used, ``UsageError`` for a target that makes no sense.
    """
    given = {key: options[key] for key in VARIABLES if options.get(key) is not None}
    from_environ = {key: environ[name] for key, name in VARIABLES.items() if environ.get(name)}
    config = load(environ)
    name, profile = _profile(config, {**from_environ, **given}, new_profile=new_profile)
    layers = [
        _checked({key: value for key, value in given.items() if key != "profile"}, _option),
        _checked({key: value for key, value in from_environ.items() if key != "profile"}, VARIABLES.get),
        profile.model_dump(exclude_none=True) if profile else {},
    ]
    # The highest layer that names a place decides: an option's region beats a profile's base URL.
    place = next((layer for layer in layers if "region" in layer or "base_url" in layer), {})
    if not place and name is None and fallback_region in regions.REGIONS:
        place = {"region": fallback_region}
    if not place and name is None and len(config.profiles) > 1:
        raise ConfigError(
            "several profiles exist and none is chosen",
            hint=f"Name one (-p {' or -p '.join(config.profiles)}), or set default_profile.",
        )
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged.update(layer)
    target = regions.resolve(place.get("region"), place.get("base_url"))
    merged = {key: value for key, value in merged.items() if key not in ("region", "base_url")}
    return Settings(
        **{
            **merged,
            "target": target,
            "profile": name,
            "limits": Limits(**merged.get("limits", {})),
            "routes": _routes(merged.get("routes", {})),
            "autotask": AutotaskSettings(**merged.get("autotask", {})),
        }
    )


def load(environ: Mapping[str, str]) -> ConfigFile:
    """The configuration file, checked; an empty configuration when there is none.

    Raises ``ConfigError`` with file, line and column when it cannot be used.
    """
    from qpmatch.profiles import ConfigFile

    located = read(config_path(environ))
    return ConfigFile() if located is None else check(located)


def read(path: Path) -> Located | None:
    """The YAML of the configuration file, not yet checked; ``None`` when there is no file.

    Raises ``ConfigError``, also for a file that another user owns or may write: it says where credentials go.
    """
    from qpmatch import yamlload

    try:
        _refuse_others(path)
        return yamlload.load_file(path, text_keys=TEXT_KEYS)
    except FileNotFoundError:
        return None
    except yamlload.YamlError as error:
        raise ConfigError(error.message, hint=error.hint) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None


def check(located: Located) -> ConfigFile:
    """The checked content of a configuration file. Raises ``ConfigError`` with file, line and column."""
    from pydantic import ValidationError

    from qpmatch.profiles import ConfigFile

    try:
        return ConfigFile.model_validate({} if located.data is None else located.data)
    except ValidationError as error:
        raise _located_error(error, located) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``config.yaml``, for editors."""
    from qpmatch.profiles import ConfigFile

    return ConfigFile.model_json_schema()


def _refuse_others(path: Path) -> None:
    """Refuse a file that somebody else controls. Its reader would send credentials where it says."""
    if not hasattr(os, "geteuid"):
        return
    status = path.stat()
    if status.st_uid not in (os.geteuid(), 0):
        raise ConfigError(
            f"{path} belongs to another user (uid {status.st_uid})",
            hint="It says where credentials are sent, so it is not used. Point QPMATCH_CONFIG at your own.",
        )
    if status.st_mode & stat.S_IWOTH and stat.S_ISREG(status.st_mode):
        raise ConfigError(
            f"{path} can be written by every user of this machine",
            hint=f"It says where credentials are sent. Run: chmod o-w '{path}'",
        )
    if status.st_mode & stat.S_IROTH:
        _log.info("%s can be read by every user of this machine; it holds no secrets", path)


def _profile(
    config: ConfigFile, asked: Mapping[str, Any], *, new_profile: bool
) -> tuple[str | None, Profile | None]:
    """The profile in use. A default one steps back when another place is asked for by name."""
    if name := asked.get("profile"):
        if name not in config.profiles and new_profile:
            return name, None
        if name not in config.profiles:
            known = ", ".join(config.profiles) or "none yet"
            raise ConfigError(
                f"there is no profile {name!r}", hint=f"Profiles: {known}. Make one: `qpmatch config set`."
            )
        return name, config.profiles[name]
    name = config.default_profile or (next(iter(config.profiles)) if len(config.profiles) == 1 else None)
    if name is None:
        return None, None
    profile = config.profiles[name]
    elsewhere = any(asked.get(key) not in (None, getattr(profile, key)) for key in ("region", "base_url"))
    return (None, None) if elsewhere else (name, profile)


def _routes(overrides: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Route]:
    changed = {name: overridden(ROUTES[name], **override) for name, override in overrides.items()}
    return {**ROUTES, **changed}


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")


def _checked(values: Mapping[str, Any], spelled: Any) -> dict[str, Any]:
    """Values of one layer in their types; ``spelled`` turns a setting into what the person typed."""
    from pydantic import ValidationError

    from qpmatch.profiles import Profile

    if not values:
        return {}
    try:
        return Profile.model_validate(dict(values)).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        name = spelled(key) if key in VARIABLES else "settings"
        raise ConfigError(f"{name}: {_problem(first)}") from None


def _located_error(error: ValidationError, located: Located) -> ConfigError:
    from qpmatch.profiles import SECRET_KEYS

    problems = error.errors(include_input=False, include_url=False)
    first = problems[0]
    path = [part for part in first["loc"] if part != "[key]"]
    is_key = first["type"] == "extra_forbidden" or "[key]" in first["loc"]
    hint = f"{len(problems) - 1} more follow." if len(problems) > 1 else None
    if is_key and path and path[-1] in SECRET_KEYS:
        hint = "Secrets do not belong into a file: `qpmatch auth login` puts them into the keyring."
    where = ".".join(map(str, path)) or "the file"
    placed = located.error(f"{where}: {_problem(first)}", path, key=is_key)
    return ConfigError(placed.message, hint=hint)


def _problem(detail: Any) -> str:
    if detail["type"] == "extra_forbidden":
        return "this key is unknown"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
