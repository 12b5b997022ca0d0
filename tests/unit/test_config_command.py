"""``qpmatch config``, as a technician uses it."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Program


def test_the_path_stands_alone(qpmatch: Program, home: Path) -> None:
    assert qpmatch("config", "path").stdout == f"{home / 'config.yaml'}\n"
    assert qpmatch("config", "path", "-o", "json").json == {
        "path": str(home / "config.yaml"),
        "exists": False,
    }


def test_set_then_show(qpmatch: Program, home: Path) -> None:
    qpmatch("config", "set", "--profile", "na", "region", "na")
    qpmatch("config", "set", "limits.removals", "3")
    qpmatch("config", "set", "email", "0123")
    qpmatch("config", "set", "routes.matches.save.path", "integrations/mapping")
    qpmatch("config", "set", "routes.matches.save.fields.displayName", "companyName")
    outcome = qpmatch("config", "set", "default_profile", "na")
    assert str(home / "config.yaml") in outcome.stderr
    assert outcome.stdout == ""
    shown = qpmatch("config", "show", "-o", "json").json
    assert (shown["profile"], shown["region"], shown["email"]) == ("na", "na", "0123")
    assert shown["limits"] == {"removals": 3, "removals_percent": 20.0}
    assert shown["routes"] == ["matches.save"]
    assert "removals: 3" in qpmatch("config", "show").stdout


def test_a_value_that_cannot_be_is_refused_and_nothing_changes(qpmatch: Program, home: Path) -> None:
    qpmatch("config", "set", "--profile", "na", "region", "na")
    before = (home / "config.yaml").read_text()
    for key, value in (("region", "us"), ("timeout", "0"), ("password", "hunter2"), ("regoin", "na")):
        outcome = qpmatch("config", "set", key, value, code=2)
        assert "hunter2" not in outcome.stderr
        assert str(home / "config.yaml") in outcome.stderr
    assert (home / "config.yaml").read_text() == before


def test_set_without_a_profile_says_how(qpmatch: Program) -> None:
    assert "--profile na timeout 5" in qpmatch("config", "set", "timeout", "5", code=2).stderr


def test_no_region_says_how_to_begin(qpmatch: Program) -> None:
    outcome = qpmatch("config", "show", "-o", "json", code=2)
    assert outcome.error["exit_code"] == 2
    assert "--region sandbox" in outcome.error["hint"]


def test_the_schema_is_printed(qpmatch: Program) -> None:
    schema = qpmatch("config", "schema").json
    assert "profiles" in schema["properties"]
