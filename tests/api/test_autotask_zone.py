"""Autotask's addresses and secrets: in one form, from the right place, or refused."""

from __future__ import annotations

import keyring
import pytest

from qpmatch.api.autotask_credentials import AutotaskCredentials, autotask_credentials
from qpmatch.api.autotask_zone import origin, zone_url
from qpmatch.credentials import KeyringEntries, Secret
from qpmatch.errors import CredentialsError, UsageError


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (
            "https://webservices3.autotask.net/ATServicesRest/",
            "https://webservices3.autotask.net/ATServicesRest/",
        ),
        (
            "https://webservices3.autotask.net/atservicesrest",
            "https://webservices3.autotask.net/atservicesrest/",
        ),
        (
            "https://webservices3.autotask.net/ATServicesRest/V1.0/",
            "https://webservices3.autotask.net/ATServicesRest/",
        ),
        (" https://webservices3.autotask.net ", "https://webservices3.autotask.net/atservicesrest/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/atservicesrest/"),
        ("http://[::1]:8080/", "http://[::1]:8080/atservicesrest/"),
    ],
)
def test_an_address_is_brought_into_one_form(given: str, url: str) -> None:
    assert zone_url(given) == url


@pytest.mark.parametrize(
    "given",
    [
        "http://webservices3.autotask.net/",
        "ftp://webservices3.autotask.net/",
        "webservices3.autotask.net",
        "",
        "https://",
        "https://user:planted@webservices3.autotask.net/",
        "https://[broken/",
        "https://host:99999999/",
    ],
)
def test_an_address_that_may_not_have_credentials(given: str) -> None:
    with pytest.raises(UsageError) as error:
        zone_url(given)
    assert "planted" not in f"{error.value.message} {error.value.hint}"


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("https://A.example/x") == origin("https://a.example:443/y?z") == ("https", "a.example", 443)
    assert origin("http://a.example") != origin("https://a.example")
    for none in ("//a.example", "/x", "", "mailto:a@b"):
        with pytest.raises(ValueError, match="no address"):
            origin(none)


class Memory:
    """As much of a keyring as is asked for; it forgets."""

    name = "memory"

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


ENTRIES = KeyringEntries("na", "admin.getquickpass.com")
ENVIRONMENT = {
    "QPMATCH_AUTOTASK_USERNAME": "env-user",
    "QPMATCH_AUTOTASK_SECRET": "env-secret",
    "QPMATCH_AUTOTASK_INTEGRATION_CODE": "env-code",
}


def told(credentials: AutotaskCredentials) -> tuple[str, str, str]:
    return credentials.username, credentials.secret.reveal(), credentials.integration_code.reveal()


def test_the_environment_is_enough_without_a_keyring() -> None:
    assert told(autotask_credentials(ENVIRONMENT, ENTRIES, "setting")) == (
        "env-user",
        "env-secret",
        "env-code",
    )
    others = {name.removeprefix("QPMATCH_"): value for name, value in ENVIRONMENT.items()}
    assert told(autotask_credentials(others, ENTRIES, None)) == ("env-user", "env-secret", "env-code")
    mixed = others | {"QPMATCH_AUTOTASK_SECRET": "own"}
    assert told(autotask_credentials(mixed, ENTRIES, None)) == ("env-user", "own", "env-code")


def test_the_keyring_has_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Memory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    with pytest.raises(CredentialsError, match="no Autotask user name, secret, integration code is known"):
        autotask_credentials({}, ENTRIES, None)
    ENTRIES.set("autotask-secret", "kept-secret")
    ENTRIES.set("autotask-integration-code", "kept-code")
    with pytest.raises(CredentialsError, match="no Autotask user name is known"):
        autotask_credentials({}, ENTRIES, None)
    assert told(autotask_credentials({}, ENTRIES, "setting")) == ("setting", "kept-secret", "kept-code")
    ENTRIES.set("autotask-username", "kept-user")
    assert told(autotask_credentials({}, ENTRIES, None)) == ("kept-user", "kept-secret", "kept-code")


def test_no_keyring_says_which_variables_to_set() -> None:
    with pytest.raises(CredentialsError, match="no keyring"):
        autotask_credentials({}, ENTRIES, "user")


@pytest.mark.parametrize("bad", ["", " x", "x\n", "a\r\nSecret: b", "päss", "\x00"])
def test_what_no_header_can_hold_is_refused(bad: str) -> None:
    with pytest.raises(CredentialsError, match="secret holds a character"):
        AutotaskCredentials("user", Secret(bad), Secret("code"))


def test_no_repr_tells_a_secret() -> None:
    assert "planted" not in repr(AutotaskCredentials("user", Secret("planted"), Secret("planted")))
