"""Signed-in calls: sign-in when it is first needed, renewal once when it ends, and what a refusal means."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from qpmatch.api import signin, wire
from qpmatch.api.answer import Answer
from qpmatch.api.regions import Target
from qpmatch.api.routes import INTEGRATION_HEADER, INTEGRATIONS
from qpmatch.api.templates import Evidence, Route
from qpmatch.api.transport import Call, Transport
from qpmatch.credentials import Secret
from qpmatch.errors import CredentialsError, DatacentreError, QpmatchError, RouteMissingError


class CredentialsSource(Protocol):
    """Where a session takes its credentials from, and where it leaves its cookies."""

    @property
    def email(self) -> str | None:
        """The account, as far as it is known."""

    def login(self) -> tuple[str, Secret]:
        """E-mail and password. Raises ``CredentialsError`` when one is missing."""

    def access_code(self, *, demanded: bool) -> Secret | None:
        """A fresh MFA code if one can be had; ``demanded`` when the server has asked for it."""

    def load_cookies(self) -> list[dict[str, Any]]:
        """The cookies of an earlier session, as ``Transport.cookies`` gave them."""

    def save_cookies(self, cookies: list[dict[str, Any]]) -> None:
        """Keep the cookies for the next run, if that is wanted."""


class Session:
    """One account at one datacentre. Safe to use from several threads."""

    def __init__(
        self,
        transport: Transport,
        target: Target,
        credentials: CredentialsSource,
        *,
        integration: str,
        routes: Mapping[str, Route],
    ) -> None:
        """``integration`` is the project's word, a key of ``INTEGRATIONS``."""
        self.transport = transport
        self.target = target
        self._credentials = credentials
        self._integration = INTEGRATIONS[integration]
        self._routes = routes
        self._lock = threading.Lock()
        self._generation = 0
        self._failure: QpmatchError | None = None

    def __repr__(self) -> str:
        return f"Session({self.target.base_url!r})"

    def call(self, name: str, **values: Any) -> dict[str, Any]:
        """What route ``name`` answers to these slot values, read by its template.

        Raises ``CredentialsError``, ``RouteMissingError`` for a 404 on an assumed route, ``DatacentreError``.
        """
        route = self._routes[name]
        call = self._rendered(route, values)
        generation = self._signed_in()
        answer = self.transport.send(call)
        if _has_ended(call, answer):
            self._renew(generation)
            answer = self.transport.send(call)
        if not answer.is_success or answer.is_html:
            raise self._refusal(route, call, answer)
        return wire.read(route, answer.document)

    def sign_in(self) -> None:
        """Sign in afresh, whatever session there is. Raises ``CredentialsError`` or ``DatacentreError``."""
        with self._lock:
            self._open()

    def _rendered(self, route: Route, values: wire.Values) -> Call:
        rendered = wire.render(route, {"integration": self._integration, **values})
        return Call(
            label=route.name,
            method=route.method,
            path=rendered.path,
            query=rendered.query,
            headers={INTEGRATION_HEADER: self._integration} if route.integration_header else {},
            json=rendered.json,
            form=rendered.form,
            writes=route.writes,
            wants_json=route.answer is not None,
        )

    def _signed_in(self) -> int:
        """The number of the present session, which is begun when there is none yet."""
        with self._lock:
            if self._generation == 0:
                cookies = self._credentials.load_cookies()
                self.transport.set_cookies(cookies)
                if self.transport.cookies():
                    self.transport.redactor.learn(*(cookie["value"] for cookie in cookies))
                    self._generation = 1
                else:
                    self._open()
            return self._generation

    def _renew(self, ended: int) -> None:
        """A new session in the place of number ``ended``; many threads may ask, one signs in."""
        with self._lock:
            if self._generation == ended:
                self._open()

    def _open(self) -> None:
        if self._failure is not None:
            # Asking again with what was refused would bring the account nearer to being locked.
            raise self._failure
        try:
            self._login()
        except CredentialsError as error:
            self._failure = error
            raise
        self._generation += 1
        self._credentials.save_cookies(self.transport.cookies())

    def _login(self) -> None:
        email, password = self._credentials.login()
        self.transport.redactor.learn(password)
        answer, code_sent = self._try_login(email, password, demanded=False)
        if signin.demands_code(answer, self.transport.cookies()) and not code_sent:
            answer, code_sent = self._try_login(email, password, demanded=True)
        if 300 <= answer.status < 400:
            raise self._redirect(self._routes["session.login"].name, answer)
        problem = signin.problem(
            answer,
            email=email,
            code_sent=code_sent,
            has_cookies=bool(self.transport.cookies()),
            target=self.target,
            words=self.transport.redactor.clean(answer.words()),
        )
        if problem is not None:
            raise problem

    def _try_login(self, email: str, password: Secret, *, demanded: bool) -> tuple[Answer, bool]:
        """The answer to one sign-in, and whether an MFA code went with it."""
        self.transport.set_cookies([])
        asked: Secret | None = None
        if demanded:
            asked = self._credentials.access_code(demanded=True)
        code_sent = False

        def body() -> Any:
            # Made for each attempt: a code that waits for its turn runs out.
            nonlocal code_sent
            code = asked or self._credentials.access_code(demanded=False)
            code_sent = code is not None
            values: dict[str, Any] = {"email": email, "password": password.reveal()}
            if code is not None:
                self.transport.redactor.learn(code)
                values["access_code"] = code.reveal()
            return wire.render(route, values).json

        route = self._routes["session.login"]
        login = Call(label=route.name, method=route.method, path=route.path, json=body, wants_json=False)
        answer = self.transport.send(login)
        self.transport.redactor.learn(*(cookie["value"] for cookie in self.transport.cookies()))
        return answer, code_sent

    def _refusal(self, route: Route, call: Call, answer: Answer) -> QpmatchError:
        what = self.transport.describe(call)
        words = self.transport.redactor.clean(answer.words())
        said = f": {words}" if words else ""
        if answer.is_success:
            return DatacentreError(
                f"{what} answered with a web page instead of data",
                hint="A login or maintenance page. Try again later; if it stays, run `qpmatch doctor`.",
                sent=route.writes,
            )
        if 300 <= answer.status < 400:
            return self._redirect(what, answer, sent=route.writes)
        if answer.status == 401:
            return CredentialsError(
                f"{what} answered 401 although the session had just been renewed{said}",
                hint="Run `qpmatch auth login`, then `qpmatch doctor`.",
            )
        if answer.status == 403:
            return CredentialsError(
                f"{what} answered 403: this account may not use integrations{said}",
                hint="Matching needs the Primary or Super role in CyberQP. Ask an administrator to change "
                "the role, or sign in with another account: `qpmatch auth login`.",
            )
        if answer.status in (404, 405) and route.evidence is Evidence.ASSUMED:
            return RouteMissingError(
                f"{what} answered {answer.status}: this request is only assumed to exist{said}",
                hint="Record one Match, Save in the browser's developer tools and run "
                "`qpmatch doctor --har FILE`; it prints what to put into the profile.",
            )
        if answer.status == 409:
            hint = "The state has changed since it was read. Run the same command again: it reads it afresh."
        elif answer.status == 404:
            hint = "Is this the right base URL? It ends with /api/. Run `qpmatch doctor`."
        else:
            hint = "CyberQP may have changed this request. Run `qpmatch doctor`."
        return DatacentreError(f"{what} answered {answer.status}{said}", hint=hint)

    def _redirect(self, what: str, answer: Answer, *, sent: bool = False) -> DatacentreError:
        host = urlsplit(answer.headers.get("location", "")).hostname or self.target.host
        others = ", ".join(self.target.other_regions)
        return DatacentreError(
            f"{what}: {self.target.host} sends us on to {self.transport.redactor.clean(host)}: wrong region?",
            hint=f"Redirects are not followed, credentials stay with one host. Other regions: {others}.",
            sent=sent,
        )


def _has_ended(call: Call, answer: Answer) -> bool:
    """Whether the answer says that the session is over. A write that got a page may have been done."""
    return answer.status == 401 or (answer.is_success and answer.is_html and not call.writes)
