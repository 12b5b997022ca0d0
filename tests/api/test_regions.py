"""Where requests go (SPEC 8)."""

from __future__ import annotations

import pytest

from qpmatch.api.regions import resolve
from qpmatch.errors import UsageError


@pytest.mark.parametrize(
    ("region", "base_url", "host"),
    [
        ("na", "https://admin.getquickpass.com/api/", "admin.getquickpass.com"),
        ("eu", "https://eu-admin.getquickpass.com/api/", "eu-admin.getquickpass.com"),
        ("ca", "https://ca.admin.cyberqp.com/api/", "ca.admin.cyberqp.com"),
    ],
)
def test_the_table_of_regions(region: str, base_url: str, host: str) -> None:
    target = resolve(region, None)
    assert (target.region, target.base_url, target.host) == (region, base_url, host)
    assert not target.is_sandbox
    assert region not in target.other_regions
    assert len(target.other_regions) == 2


def test_the_sandbox_is_in_process() -> None:
    target = resolve("sandbox", None)
    assert target.is_embedded
    assert target.is_sandbox


@pytest.mark.parametrize(
    ("given", "used", "is_loopback"),
    [
        ("https://cyberqp.example/api", "https://cyberqp.example/api/", False),
        (" https://cyberqp.example ", "https://cyberqp.example/", False),
        ("https://cyberqp.example:8443/api/", "https://cyberqp.example:8443/api/", False),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/", True),
        ("http://127.8.8.8/api", "http://127.8.8.8/api/", True),
        ("http://localhost:1/api/", "http://localhost:1/api/", True),
        ("http://[::1]:8080/api", "http://[::1]:8080/api/", True),
        ("https://localhost.evil.example/api/", "https://localhost.evil.example/api/", False),
        ("https://127.0.0.1.evil.example/api/", "https://127.0.0.1.evil.example/api/", False),
    ],
)
def test_a_base_url(given: str, used: str, is_loopback: bool) -> None:
    target = resolve(None, given)
    assert (target.region, target.base_url, target.is_loopback) == ("custom", used, is_loopback)
    assert target.is_sandbox is is_loopback


@pytest.mark.parametrize(
    ("region", "base_url", "message"),
    [
        ("na", "https://cyberqp.example/api/", "exclude each other"),
        (None, None, "no region is chosen"),
        ("us", None, "unknown region 'us'"),
        ("custom", None, "unknown region"),
        (None, "http://cyberqp.example/api/", "is not https"),
        (None, "http://127.0.0.1.evil.example/api/", "is not https"),
        (None, "ftp://cyberqp.example/", "is no base URL"),
        (None, "cyberqp.example/api", "is no base URL"),
        (None, "https://", "is no base URL"),
        (None, "https://me:hunter2@cyberqp.example/api/", "holds no user name"),
        (None, "https://cyberqp.example/api/?page=1", "holds no user name, password, query"),
        (None, "https://cyberqp.example:port/api/", "cannot be read"),
        (None, "https://[::1/api/", "cannot be read"),
    ],
)
def test_what_is_no_target(region: str | None, base_url: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        resolve(region, base_url)
    assert caught.value.exit_code == 2
    assert "hunter2" not in caught.value.message


def test_no_region_says_how_to_try() -> None:
    with pytest.raises(UsageError) as caught:
        resolve(None, None)
    assert "--region sandbox" in (caught.value.hint or "")
