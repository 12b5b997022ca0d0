"""From settings to a datacentre: which host, which credentials, which routes, which source of companies.

The only place that knows settings, credentials, clients and the sandbox together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from qpmatch.api.autotask import Autotask
from qpmatch.api.autotask_credentials import (
    URL,
    AutotaskCredentials,
    autotask_credentials,
    from_environment,
)
from qpmatch.api.autotask_routes import DISCOVERY_URL, ROOT
from qpmatch.api.cyberqp import CyberQP
from qpmatch.api.interface import Datacentre
from qpmatch.api.session import CredentialsSource, Session
from qpmatch.api.sources import AutotaskCompanies
from qpmatch.api.transport import Patience, Transport
from qpmatch.credentials import GivenCredentials, KeyringEntries, Secret, StoredCredentials
from qpmatch.errors import ConfigError

if TYPE_CHECKING:
    from qpmatch.config import Settings
    from qpmatch.sandbox.store import Store


def open_tenant(
    settings: Settings, environ: Mapping[str, str], *, ask_code: Callable[[], str] | None = None
) -> Datacentre:
    """The tenant that ``settings`` name, its companies from the source they name. Close it after use.

    Nothing is sent before it is asked something. Raises ``ConfigError``, ``UsageError``, and
    ``CredentialsError`` when Autotask's credentials are nowhere.
    """
    cyberqp = open_datacentre(settings, environ, ask_code=ask_code)
    if settings.companies_from != "autotask":
        return cyberqp
    try:
        return AutotaskCompanies(cyberqp, open_autotask(settings, environ))
    except BaseException:
        cyberqp.close()
        raise


def open_autotask(
    settings: Settings, environ: Mapping[str, str], credentials: AutotaskCredentials | None = None
) -> Autotask:
    """The Autotask tenant of ``settings``; the sandbox has its own, with its own credentials.

    Without ``credentials`` the environment and the keyring are asked. Raises ``CredentialsError`` when they
    are nowhere, ``UsageError`` for an address that may not have them.
    """
    if settings.target.is_embedded:
        return _open_embedded_autotask(settings, environ)
    discovery = DISCOVERY_URL
    if settings.target.is_loopback:
        # A served sandbox answers Autotask's paths beside its own; nobody rehearses against the real one.
        discovery = urljoin(settings.target.base_url, f"/{ROOT}/")
    return Autotask(
        credentials or autotask_credentials(environ, keyring_entries(settings), settings.autotask.username),
        lambda url: _autotask_transport(settings, url),
        url=autotask_url(settings, environ),
        discovery_url=discovery,
    )


def autotask_url(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """The zone's address where it is set, and need not be found out."""
    return from_environment(environ, URL) or settings.autotask.url


def _open_embedded_autotask(settings: Settings, environ: Mapping[str, str]) -> Autotask:
    store, app = embedded_sandbox(environ)
    info = store.info()
    credentials = AutotaskCredentials(
        info.autotask_username, Secret(info.autotask_secret), Secret(info.autotask_integration_code)
    )
    return Autotask(
        credentials,
        lambda url: _autotask_transport(settings, url, wsgi_app=app),
        discovery_url=urljoin(settings.target.base_url, f"/{ROOT}/"),
        on_close=store.close,
    )


def _autotask_transport(settings: Settings, url: str, *, wsgi_app: Any = None) -> Transport:
    """One request at a time: 5,000 companies are ten, and the tenant's other integrations want theirs too."""
    return Transport(
        url,
        patience=Patience(timeout=settings.timeout, deadline=settings.deadline),
        concurrency=1,
        wsgi_app=wsgi_app,
        is_local=settings.target.is_loopback,
    )


def open_datacentre(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    credentials: CredentialsSource | None = None,
    ask_code: Callable[[], str] | None = None,
) -> CyberQP:
    """The datacentre that ``settings`` name. Nothing is sent before it is asked something.

    Without ``credentials`` the environment and the keyring are asked, in the embedded sandbox its own state.
    ``ask_code`` asks a person for an MFA code. Raises ``ConfigError`` when the sandbox is not installed.
    """
    if settings.target.is_embedded:
        return _open_embedded(settings, environ)
    if credentials is None:
        credentials = stored_credentials(settings, environ, ask_code=ask_code)
    transport = Transport(
        settings.target.base_url,
        patience=Patience(timeout=settings.timeout, deadline=settings.deadline),
        concurrency=settings.concurrency,
        is_local=settings.target.is_loopback,
    )
    return _datacentre(settings, transport, credentials, account=settings.email or "")


def stored_credentials(
    settings: Settings, environ: Mapping[str, str], *, ask_code: Callable[[], str] | None = None
) -> StoredCredentials:
    """The credentials of these settings' profile, from the environment or the keyring."""
    return StoredCredentials(
        keyring_entries(settings),
        environ=environ,
        email=settings.email,
        keep_session=settings.keep_session,
        ask_code=ask_code,
    )


def keyring_entries(settings: Settings) -> KeyringEntries:
    """Where the keyring keeps the secrets of these settings' profile and host."""
    return KeyringEntries(settings.profile, settings.target.host)


def embedded_sandbox(environ: Mapping[str, str]) -> tuple[Store, Any]:
    """The sandbox's state, to be closed by the caller, and the WSGI application that answers over it.

    Raises ``ConfigError`` when the sandbox is not installed.
    """
    try:
        from qpmatch.sandbox.app import create_app
        from qpmatch.sandbox.location import state_path
        from qpmatch.sandbox.store import Store
    except ImportError as error:
        if error.name is None or not error.name.startswith("werkzeug"):
            raise
        raise ConfigError(
            "the sandbox is not installed", hint="Install it: pip install 'qpmatch[sandbox]'"
        ) from None
    store = Store(state_path(environ))
    return store, create_app(store)


def _open_embedded(settings: Settings, environ: Mapping[str, str]) -> CyberQP:
    store, app = embedded_sandbox(environ)
    try:
        info = store.info()
        transport = Transport(
            settings.target.base_url,
            patience=Patience(timeout=settings.timeout, deadline=settings.deadline),
            concurrency=settings.concurrency,
            wsgi_app=app,
        )
    except BaseException:
        store.close()
        raise
    totp_secret = None if info.totp_secret is None else Secret(info.totp_secret)
    credentials = GivenCredentials(info.email, Secret(info.password), totp_secret)
    return _datacentre(
        settings, transport, credentials, account=str(info.path.resolve()), on_close=store.close
    )


def _datacentre(
    settings: Settings,
    transport: Transport,
    credentials: CredentialsSource,
    *,
    account: str,
    on_close: Callable[[], None] = lambda: None,
) -> CyberQP:
    session = Session(
        transport, settings.target, credentials, integration=settings.integration, routes=settings.routes
    )
    return CyberQP(
        session,
        integration=settings.integration,
        routes=settings.routes,
        account=account,
        concurrency=settings.concurrency,
        job_wait=settings.job_wait,
        allow_assumed=settings.allow_assumed,
        on_close=on_close,
    )
