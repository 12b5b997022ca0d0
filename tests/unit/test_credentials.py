"""Secrets: where they come from, and that they show nowhere (SPEC 8)."""

from __future__ import annotations

import base64
import copy
import hmac
import pickle
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pyotp
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from qpmatch.credentials import GivenCredentials, KeyringEntries, Secret, StoredCredentials, totp_code
from qpmatch.errors import CredentialsError

TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOST = "admin.getquickpass.com"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring for the length of a test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring is not typed here
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("hunter2")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlaintextKeyring(MemoryKeyring):
    """What keyrings.alt calls its readable file."""


def use(backend: keyring.backend.KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield
    keyring.set_keyring(before)


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    backend = MemoryKeyring()
    with_backend = use(backend)
    next(with_backend)
    yield backend
    next(with_backend, None)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    yield from use(NoKeyring())  # type: ignore[no-untyped-call]  # keyring is not typed here


def stored(
    environ: dict[str, str] | None = None, email: str | None = None, **more: object
) -> StoredCredentials:
    return StoredCredentials(KeyringEntries("na", HOST), environ=environ or {}, email=email, **more)  # type: ignore[arg-type]  # each test knows its own


def keep(entries: KeyringEntries, email: str = "tech@msp.example") -> None:
    entries.set("email", email)
    entries.set("password", "hunter2")
    entries.set("totp-secret", TOTP)


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2") != Secret("other")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)


def test_the_environment_comes_first_and_the_keyring_is_not_touched(no_keyring: None) -> None:
    environ = {"QPMATCH_PASSWORD": "hunter2", "QPMATCH_TOTP_SECRET": TOTP}
    credentials = stored(environ, "ci@msp.example", now=lambda: 1e9)
    assert credentials.login() == ("ci@msp.example", Secret("hunter2"))
    assert credentials.email == "ci@msp.example"
    assert credentials.access_code(demanded=False) == Secret(pyotp.TOTP(TOTP).at(10**9))
    assert credentials.load_cookies() == []
    credentials.save_cookies([{"name": "sid"}])


def test_half_an_environment_says_which_half_is_missing(no_keyring: None) -> None:
    with pytest.raises(CredentialsError, match="no e-mail address") as caught:
        stored({"QPMATCH_PASSWORD": "hunter2"}).login()
    assert "QPMATCH_EMAIL" in (caught.value.hint or "")


def test_without_a_keyring_the_variables_are_named(no_keyring: None) -> None:
    with pytest.raises(CredentialsError, match="no keyring") as caught:
        stored(email="tech@msp.example").login()
    for name in ("QPMATCH_EMAIL", "QPMATCH_PASSWORD", "QPMATCH_TOTP_SECRET"):
        assert name in (caught.value.hint or "")


def test_a_keyring_that_is_a_readable_file_is_refused() -> None:
    for _ in use(PlaintextKeyring()):
        with pytest.raises(CredentialsError, match="readable file"):
            KeyringEntries("na", HOST).set("password", "hunter2")


def test_a_locked_keyring(memory: MemoryKeyring) -> None:
    memory.locked = True
    with pytest.raises(CredentialsError, match="does not answer") as caught:
        stored(email="tech@msp.example").login()
    assert "hunter2" not in caught.value.message
    assert "Unlock" in (caught.value.hint or "")


def test_the_keyring_gives_back_what_it_keeps(memory: MemoryKeyring) -> None:
    keep(KeyringEntries("na", HOST))
    credentials = stored(now=lambda: 1e9)
    assert credentials.login() == ("tech@msp.example", Secret("hunter2"))
    assert credentials.email == "tech@msp.example"
    assert credentials.access_code(demanded=False) == Secret(pyotp.TOTP(TOTP).at(10**9))


@pytest.mark.parametrize(
    ("profile", "host", "email"),
    [("eu", HOST, None), ("na", "evil.example", None), ("na", HOST, "other@msp.example")],
)
def test_a_password_goes_to_its_own_profile_host_and_account(
    profile: str, host: str, email: str | None, memory: MemoryKeyring
) -> None:
    keep(KeyringEntries("na", HOST))
    credentials = StoredCredentials(KeyringEntries(profile, host), environ={}, email=email)
    with pytest.raises(CredentialsError, match="no password is known"):
        credentials.login()


def test_cookies_are_kept_for_the_same_account_only(memory: MemoryKeyring) -> None:
    keep(KeyringEntries("na", HOST))
    cookies = [{"name": "sid", "value": "x", "path": "/", "expires": None}]
    stored().save_cookies(cookies)
    assert stored().load_cookies() == cookies
    assert stored(email="TECH@msp.example").load_cookies() == cookies
    assert stored(email="other@msp.example").load_cookies() == []
    assert stored(keep_session=False).load_cookies() == []
    KeyringEntries("na", HOST).set("cookies", "{")
    assert stored().load_cookies() == []


def test_sign_out_removes_every_trace(memory: MemoryKeyring) -> None:
    entries = KeyringEntries("na", HOST)
    keep(entries)
    stored().save_cookies([])
    assert entries.clear()
    assert memory.kept == {}
    assert not entries.clear()


def test_a_code_is_asked_for_only_when_demanded(memory: MemoryKeyring) -> None:
    credentials = stored(ask_code=lambda: " 123456\n")
    assert credentials.access_code(demanded=False) is None
    assert credentials.access_code(demanded=True) == Secret("123456")
    assert stored().access_code(demanded=True) is None


def test_a_typed_totp_secret_is_kept_for_storing() -> None:
    credentials = GivenCredentials("a@b", Secret("x"), ask_code=lambda: TOTP, now=lambda: 1e9)
    assert credentials.access_code(demanded=False) is None
    code = credentials.access_code(demanded=True)
    assert code == Secret(pyotp.TOTP(TOTP).at(10**9))
    assert credentials.totp_secret == Secret(TOTP)
    assert credentials.access_code(demanded=False) == code


@pytest.mark.parametrize(("second", "used"), [(0.0, 0), (24.9, 0), (25.0, 0), (25.1, 30), (29.9, 30)])
def test_a_code_about_to_end_gives_way_to_the_next(second: float, used: int) -> None:
    start = 1_200_000_000
    assert start % 30 == 0
    assert totp_code(Secret(TOTP), start + second).reveal() == pyotp.TOTP(TOTP).at(start + used)


@pytest.mark.parametrize(
    "text",
    [
        "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp",
        "JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP",
        f"otpauth://totp/CyberQP:tech?secret={TOTP}&issuer=CyberQP",
        f" {TOTP}\n",
    ],
)
def test_the_spellings_of_a_totp_secret(text: str) -> None:
    assert totp_code(Secret(text), 1e9).reveal() == pyotp.TOTP(TOTP).at(10**9)


def test_the_codes_of_the_standard() -> None:
    # RFC 6238, appendix B: the last six digits of its codes.
    secret = Secret(base64.b32encode(b"12345678901234567890").decode())
    codes = {1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
    assert {at: totp_code(secret, at).reveal() for at in codes} == codes


def test_a_secret_of_80_bits_is_used_although_the_library_refuses_it() -> None:
    digest = hmac.digest(b"1234567890", (10**9 // 30).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    assert totp_code(Secret(base64.b32encode(b"1234567890").decode()), 1e9).reveal() == f"{number:010}"[-6:]


@pytest.mark.parametrize(
    "text",
    [
        "123456",
        "not base32!",
        "",
        "otpauth://hotp/x?secret=JBSWY3DP",
        f"otpauth://totp/x?secret={TOTP}&digits=8",
    ],
)
def test_what_is_no_totp_secret(text: str) -> None:
    with pytest.raises(CredentialsError, match="TOTP secret cannot be read") as caught:
        totp_code(Secret(text), 1e9)
    assert caught.value.__cause__ is None
    assert not text or text not in caught.value.message
