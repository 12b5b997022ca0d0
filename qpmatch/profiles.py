"""What may stand in ``config.yaml`` (SPEC 8). The JSON Schema for editors is made from these models."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from qpmatch.api.routes import INTEGRATIONS, ROUTES
from qpmatch.api.templates import Evidence

SECRET_KEYS = frozenset({"password", "secret", "totp_secret", "integration_code", "cookies", "access_code"})
"""Keys that people try, and that are refused with a word on where secrets belong."""

_PATH = re.compile(r"[A-Za-z0-9_.{}-]+(/[A-Za-z0-9_.{}-]+)*")


def _route_name(name: str) -> str:
    if name not in ROUTES:
        raise ValueError(f"unknown route; the routes are {', '.join(ROUTES)}")
    return name


def _relative_path(path: str) -> str:
    if not _PATH.fullmatch(path) or ".." in path:
        raise ValueError(
            "a path below the API base is due, such as integrations/customers/matches/createjob: "
            "no address, no leading slash, no query"
        )
    return path


def _integration(name: str) -> str:
    if name not in INTEGRATIONS:
        raise ValueError(f"unknown integration; it may be {', '.join(INTEGRATIONS)}")
    return name


def _no_secret_in_url(url: str) -> str:
    if "@" in url:
        raise ValueError("an address holds no user name or password")
    return url


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitsConfig(_Strict):
    """The removals guard (SPEC 6)."""

    removals: int = Field(default=10, ge=0, description="Links that a plan may always remove.")
    removals_percent: float = Field(
        default=20.0, ge=0, le=100, description="Per cent of the existing links that it may remove."
    )


class RouteConfig(_Strict):
    """A route as it really is, from a recording (`qpmatch doctor --har FILE` prints it)."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: Annotated[str, AfterValidator(_relative_path)] | None = None
    evidence: Evidence | None = Field(
        default=None, description="observed, once a recording has shown it: the write is then not held back."
    )
    fields: dict[str, str] = Field(default_factory=dict, description="Field name in the table: the real one.")


class AutotaskConfig(_Strict):
    """Autotask as a source of companies. Its secret and integration code go into the keyring."""

    username: str | None = Field(default=None, description="The API user's name.")
    url: str | None = Field(default=None, description="The zone's address; found out when left away.")


class Profile(_Strict):
    """One tenant: an MSP with tenants in two regions has two profiles."""

    region: Literal["na", "eu", "ca", "sandbox"] | None = Field(default=None, description="The datacentre.")
    base_url: Annotated[str, AfterValidator(_no_secret_in_url)] | None = Field(
        default=None, description="API address instead of a region; https, or http on this machine."
    )
    email: str | None = Field(default=None, min_length=1, description="The CyberQP account.")
    integration: Annotated[str, AfterValidator(_integration)] | None = Field(
        default=None, description="The PSA: autotask unless said otherwise."
    )
    companies_from: Literal["cyberqp", "autotask"] | None = Field(
        default=None, description="Where the list of companies is read."
    )
    timeout: float | None = Field(default=None, gt=0, le=600, description="Seconds for one request.")
    deadline: float | None = Field(
        default=None, gt=0, le=3600, description="Seconds for one read with all its repetitions."
    )
    job_wait: float | None = Field(
        default=None, gt=0, le=3600, description="Seconds to wait for a job to take effect."
    )
    concurrency: int | None = Field(default=None, ge=1, le=16, description="Requests at the same time.")
    allow_assumed: bool | None = Field(
        default=None, description="Let writes over assumed routes through without asking."
    )
    keep_session: bool | None = Field(default=None, description="Keep the session's cookies in the keyring.")
    limits: LimitsConfig | None = None
    routes: dict[Annotated[str, AfterValidator(_route_name)], RouteConfig] | None = None
    autotask: AutotaskConfig | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.region and self.base_url:
            raise ValueError("region and base_url exclude each other")
        return self


class ConfigFile(_Strict):
    """The whole file."""

    default_profile: str | None = Field(default=None, description="The profile used when none is named.")
    profiles: dict[str, Profile] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _default_exists(self) -> Self:
        if self.default_profile is not None and self.default_profile not in self.profiles:
            raise ValueError(f"default_profile names {self.default_profile!r}, which is not under profiles")
        return self
