"""From settings to a datacentre: which host, which credentials, which routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from qpmatch.api.cyberqp import CyberQP
from qpmatch.api.session import CredentialsSource, Session
from qpmatch.api.transport import Patience, Transport
from qpmatch.credentials import GivenCredentials, KeyringEntries, Secret, StoredCredentials
from qpmatch.errors import ConfigError

if TYPE_CHECKING:
    from qpmatch.config import Settings
    from qpmatch.sandbox.store import Store


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
