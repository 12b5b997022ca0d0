"""One host, spoken to carefully: the only importer of httpx.

Here live time-outs, retries, the size of an answer, and what may be sent again. A read is repeated with
growing, jittered pauses under a deadline; a write is never sent again once it may have arrived (WIRE.md,
Common). What an answer means is for the layers above: everything that is not repeated here is handed up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import stamina
import stamina.instrumentation

from qpmatch import __version__
from qpmatch.api.answer import Answer, retry_after
from qpmatch.api.parallel import Slots
from qpmatch.api.redaction import Redactor
from qpmatch.api.tls import tls_context
from qpmatch.errors import ConfigError, DatacentreError

_log = logging.getLogger("qpmatch.http")

# Both write headers or whole addresses, cookies included, when somebody turns everything on.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer that are read at most: a page of 50 rows has a few thousand."""

_GRACE = 0.5
"""Seconds in which other threads may end their requests before connections are closed under them."""

RETRY_AFTER_CEILING = 60.0
"""Seconds that a server may ask us to wait; for more, a person should decide."""

TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""Statuses after which a read is sent again. A write is sent again after 429 only."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to keep trying. Times are seconds."""

    timeout: float = 30.0
    """For one request, from sending it to the last byte of its answer."""
    deadline: float = 120.0
    """For one read with all its repetitions."""
    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 10.0


@dataclass(frozen=True)
class Call:
    """One request to be made. What may hold secrets or names stays out of the ``repr``."""

    label: str
    """The route's name, for messages."""
    method: str
    path: str
    """Relative to the base URL, or an absolute address on the same host."""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    """A JSON body, or a function that makes a fresh one for each attempt."""
    form: Mapping[str, str] | None = field(default=None, repr=False)
    writes: bool = False
    """Whether it must not be sent again once it may have arrived."""
    wants_json: bool = True
    transient: frozenset[int] = TRANSIENT
    is_transient: Callable[[Answer], bool] = field(default=lambda answer: False, repr=False)
    """Whether an answer asks to be called again by what it says, whatever its status."""


class _AgainError(Exception):
    """A failed attempt that may be repeated, after ``pause`` seconds when the server named a time."""

    def __init__(self, problem: str, pause: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.pause = pause


class Transport:
    """Sends calls to one host, a few at a time. Safe to use from several threads; close it after use."""

    def __init__(
        self,
        base_url: str,
        *,
        patience: Patience | None = None,
        concurrency: int = 4,
        wsgi_app: Any = None,
        is_local: bool = False,
        redactor: Redactor | None = None,
    ) -> None:
        """``wsgi_app`` answers in-process. ``is_local`` keeps proxies of the environment out of the way."""
        self.base_url = base_url
        self.patience = patience or Patience()
        self.redactor = redactor or Redactor()
        self._slots = Slots(concurrency)
        self._base = httpx.URL(base_url)
        try:
            self._client = httpx.Client(
                transport=httpx.WSGITransport(app=wsgi_app) if wsgi_app is not None else None,
                timeout=self.patience.timeout,
                follow_redirects=False,
                trust_env=not is_local and wsgi_app is None,
                # Plain HTTP is spoken over loopback or in-process only; loading certificates takes 35 ms.
                verify=tls_context() if self._base.scheme == "https" else False,
                headers={"User-Agent": f"qpmatch/{__version__}", "Accept": "application/json"},
                limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # of a proxy; it may quote its password
            raise ConfigError(
                f"the proxy named in the environment cannot be used ({type(error).__name__})",
                hint="Look at HTTPS_PROXY and ALL_PROXY; they hold an http:// or https:// address.",
            ) from None

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    def close(self) -> None:
        """Close every connection; a request that hangs in another thread is not waited for."""
        self._slots.close(_GRACE)
        self._client.close()

    @property
    def where(self) -> str:
        """The host that is spoken to, with its port when it is not the usual one."""
        return self._base.netloc.decode("ascii")

    def cookies(self) -> list[dict[str, Any]]:
        """The session's cookies as plain data."""
        return [
            {"name": cookie.name, "value": cookie.value, "path": cookie.path, "expires": cookie.expires}
            for cookie in self._client.cookies.jar
        ]

    def set_cookies(self, cookies: list[dict[str, Any]]) -> None:
        """Begin with these cookies instead of the present ones; outlived ones are left out."""
        self._client.cookies.clear()
        for cookie in cookies:
            expires = cookie.get("expires")
            if expires is None or expires > time.time():
                self._client.cookies.set(
                    cookie["name"],
                    cookie["value"],
                    domain=self._cookie_domain,
                    path=cookie.get("path") or "/",
                )

    @property
    def _cookie_domain(self) -> str:
        # The standard library's jar files a host without a dot under NAME.local.
        host = self._base.host
        return host if "." in host or ":" in host else f"{host}.local"

    def send(self, call: Call) -> Answer:
        """The answer to ``call``, with its JSON parsed where it holds some.

        Raises ``DatacentreError`` when the host cannot be reached, keeps failing, or breaks off; ``sent``
        is set when a write may have arrived.
        """
        began = time.monotonic()
        until = began + self.patience.deadline
        url = self._url(call)
        attempt_number = 0
        try:
            for attempt in stamina.retry_context(
                on=self._pause,
                attempts=self.patience.attempts,
                timeout=self.patience.deadline,
                wait_initial=self.patience.first_pause,
                wait_max=self.patience.longest_pause,
                wait_jitter=self.patience.first_pause,
            ):
                with attempt:
                    attempt_number = attempt.num
                    return self._attempt(call, url, attempt_number, until)
        except _AgainError as error:
            tries = f"{attempt_number} attempt{'s' if attempt_number > 1 else ''}"
            raise DatacentreError(
                f"{self.describe(call)} {error.problem} ({tries} in {time.monotonic() - began:.0f} s)",
                hint="Nothing was done by this request. Try again later; the same command can safely be "
                "run again."
                if call.writes
                else "Check the network and the service's status page, then run the same command again.",
            ) from None
        raise AssertionError("a retry loop ends with an answer or an error")

    def describe(self, call: Call) -> str:
        """The call for a message: route, method, host and path, never a query."""
        return f"{call.label}: {call.method} {self.where}{self._url(call).path}"

    @staticmethod
    def _pause(error: Exception) -> bool | float:
        if not isinstance(error, _AgainError):
            return False
        _log.info("an attempt failed and may be repeated: %s", error.problem)
        return True if error.pause is None else error.pause

    def _url(self, call: Call) -> httpx.URL:
        url = httpx.URL(call.path if "://" in call.path else self.base_url + call.path)
        if (url.scheme, url.netloc) != (self._base.scheme, self._base.netloc):
            raise DatacentreError(
                f"{call.label}: an address on {url.host} instead of {self.where} is not called",
                hint="Credentials go to the profile's own host and nowhere else.",
            )
        return url

    def _attempt(self, call: Call, url: httpx.URL, number: int, until: float) -> Answer:
        began = time.monotonic()
        outcome = "failed"
        try:
            answer = self._exchange(call, url)
            outcome = str(answer.status)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            # Before a connection stands nothing can have been sent: a write may be repeated too.
            raise self._unconnected(call, error) from None
        except httpx.TransportError as error:
            outcome = type(error).__name__
            raise self._broken_off(call, error) from None
        except httpx.HTTPError as error:
            raise DatacentreError(f"{self.describe(call)}: {self.redactor.clean(str(error))}") from None
        finally:
            _log.debug(
                "%s %s%s -> %s in %.0f ms (attempt %d)",
                call.method,
                self.where,
                url.path,
                outcome,
                (time.monotonic() - began) * 1000,
                number,
            )
        self._judge(call, answer, until)
        return answer

    def _exchange(self, call: Call, url: httpx.URL) -> Answer:
        """One request and the whole of its answer, within one time-out."""
        ends = time.monotonic() + self.patience.timeout
        body = call.json() if callable(call.json) else call.json
        with (
            self._slots.one(),
            self._client.stream(
                call.method,
                url,
                params=call.query or None,
                headers=dict(call.headers),
                json=body,
                data=None if call.form is None else dict(call.form),
            ) as response,
        ):
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER:
                    raise httpx.RemoteProtocolError(f"the answer is larger than {MAX_ANSWER} bytes")
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout("the answer comes too slowly")
            return Answer.of(response.status_code, dict(response.headers), bytes(content))

    def _judge(self, call: Call, answer: Answer, until: float) -> None:
        """Return when the answer is to be handed up; raise when it asks for another attempt or is broken."""
        says_again = call.is_transient(answer)
        if answer.status in call.transient or says_again:
            problem = f"answered {answer.status}{self._words(answer)}"
            if not call.writes or answer.status == 429 or says_again:
                raise _AgainError(problem, self._wait(call, answer, until))
            raise self._unclear(call, problem)
        if not answer.is_success or not call.wants_json or answer.is_html or answer.has_document:
            return
        problem = "answered with text that is no JSON"
        if call.writes:
            raise self._unclear(call, problem)
        raise _AgainError(problem)

    def _wait(self, call: Call, answer: Answer, until: float) -> float | None:
        wait = retry_after(answer)
        if wait is None:
            return None
        if wait > RETRY_AFTER_CEILING or time.monotonic() + wait > until:
            raise DatacentreError(
                f"{self.describe(call)} answered {answer.status} and asks to wait {wait:.0f} s",
                hint=f"Run the same command again in {wait:.0f} s; fewer requests at a time "
                "(--concurrency 1) may help.",
            )
        return wait

    def _unconnected(self, call: Call, error: httpx.HTTPError) -> Exception:
        words = self.redactor.clean(str(error)) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in words:
            return DatacentreError(
                f"{self.describe(call)}: the certificate of {self.where} is not trusted",
                hint="If your network inspects TLS, point SSL_CERT_FILE at its certificate.",
            )
        if isinstance(error, httpx.ProxyError):
            return DatacentreError(
                f"{self.describe(call)}: the proxy refuses: {words}",
                hint="Look at HTTPS_PROXY. Nothing was sent.",
            )
        return _AgainError(f"could not connect: {words}")

    def _broken_off(self, call: Call, error: httpx.TransportError) -> Exception:
        if isinstance(error, httpx.TimeoutException):
            problem = f"did not answer within {self.patience.timeout:g} s"
        else:
            problem = f"broke off: {self.redactor.clean(str(error)) or type(error).__name__}"
        return self._unclear(call, problem) if call.writes else _AgainError(problem)

    def _unclear(self, call: Call, problem: str) -> DatacentreError:
        return DatacentreError(
            f"{self.describe(call)} {problem} (1 attempt; a write is not repeated)",
            hint="It may have been carried out all the same. Run the same command again: it reads the "
            "present state first and does only what is missing.",
            sent=True,
        )

    def _words(self, answer: Answer) -> str:
        words = self.redactor.clean(answer.words())
        return f": {words}" if words else ""


# The default hook writes a warning for every repetition; qpmatch.http tells of each attempt already.
stamina.instrumentation.set_on_retry_hooks([])
