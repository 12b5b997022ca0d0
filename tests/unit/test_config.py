"""Settings: precedence, profiles, and a file whose errors have a place (SPEC 4, SPEC 8)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from qpmatch import config, configedit
from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Evidence
from qpmatch.config import resolve
from qpmatch.errors import ConfigError, UsageError

FULL = """\
default_profile: na
profiles:
  na:
    region: na
    email: tech@msp.example
    companies_from: autotask
    timeout: 10
    concurrency: 2
    allow_assumed: yes
    keep_session: false
    limits: {removals: 3, removals_percent: 5}
    routes:
      matches.save:
        {method: PUT, path: integrations/x, evidence: observed, fields: {displayName: companyName}}
    autotask: {username: api@msp.example, url: https://webservices.example/}
  eu:
    region: eu
    email: 0123
  local:
    base_url: http://127.0.0.1:8080/api
"""


@pytest.fixture
def path(home: Path) -> Path:
    return home / "config.yaml"


@pytest.fixture
def environ(path: Path) -> dict[str, str]:
    path.write_text(FULL)
    return {"QPMATCH_CONFIG": str(path)}


def test_a_profile_gives_everything(environ: dict[str, str]) -> None:
    settings = resolve({}, environ)
    assert (settings.profile, settings.region, settings.email) == ("na", "na", "tech@msp.example")
    assert settings.target.host == "admin.getquickpass.com"
    assert (settings.companies_from, settings.timeout, settings.concurrency) == ("autotask", 10.0, 2)
    assert (settings.allow_assumed, settings.keep_session) == (True, False)
    assert (settings.limits.removals, settings.limits.removals_percent) == (3, 5.0)
    assert (settings.autotask.username, settings.autotask.url) == (
        "api@msp.example",
        "https://webservices.example/",
    )
    route = settings.routes["matches.save"]
    assert (route.method, route.path, route.evidence) == ("PUT", "integrations/x", Evidence.OBSERVED)
    assert settings.routes["matches.delete"] is ROUTES["matches.delete"]


def test_defaults(tmp_path: Path) -> None:
    settings = resolve({"region": "sandbox"}, {"QPMATCH_CONFIG": str(tmp_path / "none.yaml")})
    assert (settings.profile, settings.email, settings.integration) == (None, None, "autotask")
    assert (settings.timeout, settings.concurrency, settings.allow_assumed) == (30.0, 4, False)
    assert (settings.limits.removals, settings.limits.removals_percent) == (10, 20.0)
    assert settings.routes == ROUTES


@pytest.mark.parametrize(
    ("options", "variables", "expected"),
    [
        ({}, {}, 10.0),
        ({}, {"QPMATCH_TIMEOUT": "7.5"}, 7.5),
        ({"timeout": 3}, {"QPMATCH_TIMEOUT": "7.5"}, 3.0),
        ({"timeout": None}, {"QPMATCH_TIMEOUT": ""}, 10.0),
        ({"profile": "eu"}, {}, 30.0),
    ],
)
def test_option_then_environment_then_profile_then_default(
    options: dict[str, Any], variables: dict[str, str], expected: float, environ: dict[str, str]
) -> None:
    assert resolve(options, environ | variables).timeout == expected


def test_every_setting_has_its_variable(environ: dict[str, str]) -> None:
    variables = {
        "QPMATCH_PROFILE": "eu",
        "QPMATCH_REGION": "ca",
        "QPMATCH_EMAIL": "0456",
        "QPMATCH_INTEGRATION": "itglue",
        "QPMATCH_COMPANIES_FROM": "autotask",
        "QPMATCH_TIMEOUT": "1",
        "QPMATCH_DEADLINE": "2",
        "QPMATCH_JOB_WAIT": "3",
        "QPMATCH_CONCURRENCY": "5",
        "QPMATCH_ALLOW_ASSUMED": "true",
        "QPMATCH_KEEP_SESSION": "0",
    }
    settings = resolve({}, environ | variables)
    assert (settings.profile, settings.region, settings.email) == ("eu", "ca", "0456")
    assert (settings.integration, settings.companies_from) == ("itglue", "autotask")
    assert (settings.timeout, settings.deadline, settings.job_wait) == (1, 2, 3)
    assert (settings.concurrency, settings.allow_assumed, settings.keep_session) == (5, True, False)
    assert set(variables) | {"QPMATCH_BASE_URL"} == set(config.VARIABLES.values())


@pytest.mark.parametrize(
    ("options", "variables", "profile", "region"),
    [
        ({}, {}, "na", "na"),
        ({"region": "na"}, {}, "na", "na"),
        ({"region": "sandbox"}, {}, None, "sandbox"),
        ({}, {"QPMATCH_REGION": "sandbox"}, None, "sandbox"),
        ({"base_url": "http://127.0.0.1:1/"}, {}, None, "custom"),
        ({"profile": "eu"}, {}, "eu", "eu"),
        ({"profile": "eu", "region": "ca"}, {}, "eu", "ca"),
        ({"profile": "local"}, {}, "local", "custom"),
        ({"profile": "local", "region": "sandbox"}, {}, "local", "sandbox"),
        ({"region": "eu"}, {"QPMATCH_BASE_URL": "http://127.0.0.1:1/"}, None, "eu"),
    ],
)
def test_where_to(
    options: dict[str, str],
    variables: dict[str, str],
    profile: str | None,
    region: str,
    environ: dict[str, str],
) -> None:
    settings = resolve(options, environ | variables)
    assert (settings.profile, settings.region) == (profile, region)


def test_a_sandbox_beside_a_default_profile_takes_nothing_of_it(environ: dict[str, str]) -> None:
    settings = resolve({"region": "sandbox"}, environ)
    assert (settings.companies_from, settings.email, settings.allow_assumed) == ("cyberqp", None, False)
    assert settings.routes == ROUTES


@pytest.mark.parametrize(
    ("options", "variables", "message"),
    [
        ({"profile": "ap"}, {}, "there is no profile 'ap'"),
        ({"region": "na", "base_url": "https://x.example/"}, {}, "exclude each other"),
        ({}, {"QPMATCH_REGION": "na", "QPMATCH_BASE_URL": "https://x.example/"}, "exclude each other"),
        ({"region": "us"}, {}, "--region: input should be"),
        ({"timeout": 0}, {}, "--timeout: input should be greater than 0"),
        ({}, {"QPMATCH_TIMEOUT": "soon"}, "QPMATCH_TIMEOUT: input should be a valid number"),
        ({}, {"QPMATCH_CONCURRENCY": "99"}, "QPMATCH_CONCURRENCY: input should be less than or equal"),
        ({}, {"QPMATCH_ALLOW_ASSUMED": "perhaps"}, "QPMATCH_ALLOW_ASSUMED: "),
        ({}, {"QPMATCH_COMPANIES_FROM": "excel"}, "QPMATCH_COMPANIES_FROM: "),
        ({}, {"QPMATCH_INTEGRATION": "excel"}, "QPMATCH_INTEGRATION: unknown integration"),
    ],
)
def test_what_cannot_be_used_is_named_as_it_was_typed(
    options: dict[str, Any], variables: dict[str, str], message: str, environ: dict[str, str]
) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(options, environ | variables)
    assert message in caught.value.message
    assert caught.value.exit_code == 2


def test_no_region_at_all_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no region") as caught:
        resolve({}, {"QPMATCH_CONFIG": str(tmp_path / "none.yaml")})
    assert "--region sandbox" in (caught.value.hint or "")


def test_the_only_profile_is_the_default_and_of_several_one_is_named(path: Path) -> None:
    environ = {"QPMATCH_CONFIG": str(path)}
    path.write_text("profiles: {eu: {region: eu}}")
    assert resolve({}, environ).profile == "eu"
    path.write_text("profiles: {eu: {region: eu}, na: {region: na}}")
    with pytest.raises(ConfigError, match="several profiles") as caught:
        resolve({}, environ)
    assert "-p eu or -p na" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- na\n", "the file: input should be"),
        ("profiles:\n  na: {regoin: na}\n", "profiles.na.regoin: this key is unknown (FILE:2:8)"),
        ("profiles:\n  na:\n    region: us\n", "profiles.na.region: input should be"),
        ("profiles:\n  na:\n    region: na\n    region: eu\n", "'region' stands here a second time"),
        ("profiles:\n  na: {timeout: soon}\n", "(FILE:2:17)"),
        ("default_profile: eu\nprofiles: {na: {region: na}}\n", "names 'eu', which is not under profiles"),
        ("profiles: {na: {region: na, base_url: 'https://x.example/'}}", "exclude each other (FILE:1:16)"),
        ("profiles: {na: {base_url: 'https://me:hunter2@x.example/'}}", "holds no user name or password"),
        ("profiles: {na: {routes: {matches.svae: {}}}}", "unknown route; the routes are"),
        ("profiles: {na: {routes: {matches.save: {path: //evil.example/x}}}}", "a path below the API base"),
        (
            "profiles: {na: {routes: {matches.save: {path: 'https://evil.example/x'}}}}",
            "a path below the API",
        ),
        ("profiles: {na: {routes: {matches.save: {path: ../x}}}}", "a path below the API base"),
        ("profiles: {na: {limits: {removals: -1}}}", "profiles.na.limits.removals: "),
        ("a: &x 1", "anchors"),
        ("profiles: {na: {email: \x1b}}", "U+001B"),
        ("x: " + "y" * 1024 * 1024, "larger than 1 MiB"),
    ],
)
def test_errors_of_the_file_have_a_place(text: str, message: str, path: Path) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load({"QPMATCH_CONFIG": str(path)})
    assert message.replace("FILE", str(path)) in caught.value.message
    assert str(path) in caught.value.message
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("key", ["password", "totp_secret", "secret", "integration_code"])
def test_secrets_in_the_file_are_refused_and_not_repeated(key: str, path: Path) -> None:
    path.write_text(f"profiles:\n  na:\n    {key}: hunter2\n")
    with pytest.raises(ConfigError, match="this key is unknown") as caught:
        config.load({"QPMATCH_CONFIG": str(path)})
    assert "keyring" in (caught.value.hint or "")
    assert "hunter2" not in f"{caught.value!r} {caught.value.hint} {caught.value.__cause__!r}"


posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes are POSIX")


@posix
def test_a_file_of_another_user_is_not_used(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(environ["QPMATCH_CONFIG"])
    other = path.stat().st_uid + 1000
    monkeypatch.setattr(os, "geteuid", lambda: other)
    if path.stat().st_uid == 0:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        os.chown(path, 1001, -1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        resolve({}, environ)


@posix
def test_a_file_that_everybody_may_write_is_not_used(environ: dict[str, str]) -> None:
    Path(environ["QPMATCH_CONFIG"]).chmod(0o666)
    with pytest.raises(ConfigError, match="can be written by every user") as caught:
        resolve({}, environ)
    assert "chmod o-w" in (caught.value.hint or "")


def test_the_schema_knows_every_key() -> None:
    schema = config.json_schema()
    assert set(schema["properties"]) == {"default_profile", "profiles"}
    profile = schema["$defs"]["Profile"]
    assert profile["additionalProperties"] is False
    assert set(config.VARIABLES) - {"profile"} <= set(profile["properties"])


def test_setting_a_value_keeps_everything_else(path: Path) -> None:
    path.write_text(
        "# mine\nprofiles:   # all\n  na: {region: na}  # north\n  eu:\n    region: eu # e\n    email:\n"
    )
    configedit.set_values(
        path,
        {
            ("profiles", "na", "timeout"): 5,
            ("profiles", "eu", "region"): "ca",
            ("profiles", "eu", "email"): "t@msp.example",
            ("profiles", "eu", "limits", "removals"): 4,
        },
    )
    assert path.read_text() == (
        "# mine\nprofiles:   # all\n  na: {timeout: 5, region: na}  # north\n  eu:\n"
        '    limits:\n      removals: 4\n    region: "ca" # e\n    email: "t@msp.example"\n'
    )


def test_setting_the_first_value_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"
    configedit.set_values(path, {("profiles", "na", "region"): "na"})
    assert config.load({"QPMATCH_CONFIG": str(path)}).profiles["na"].region == "na"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("profiles", "na", "password"), "hunter2"),
        (("profiles", "na", "timeout"), "soon"),
        (("profiles", "na", "region"), "us"),
        (("default_profile",), "eu"),
        (("profiles", "na"), "text"),
        (("profiles", "na", "region", "deeper"), 1),
    ],
)
def test_what_makes_no_configuration_is_not_written(keys: tuple[str, ...], value: Any, path: Path) -> None:
    before = "profiles:\n  na:\n    region: na\n"
    path.write_text(before)
    with pytest.raises(ConfigError) as caught:
        configedit.set_values(path, {keys: value})
    assert path.read_text() == before
    assert "hunter2" not in caught.value.message
    assert [child.name for child in path.parent.iterdir()] == ["config.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights on Windows")
def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.yaml"
    real.write_text("profiles: {}\n")
    path.symlink_to(real)
    configedit.set_values(path, {("profiles", "na", "region"): "na"})
    assert path.is_symlink()
    assert "na" in real.read_text()
