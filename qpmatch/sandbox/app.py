"""The sandbox as a WSGI app: embedded under ``httpx.WSGITransport``, or under ``sandbox serve`` (SPEC 9)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from qpmatch.api.routes import ROUTES
from qpmatch.api.templates import Route
from qpmatch.sandbox import jobs, signin
from qpmatch.sandbox.answers import error_answer, json_answer
from qpmatch.sandbox.autotask import Autotask
from qpmatch.sandbox.connection import ENVIRON_KEY, Connection, Embedded
from qpmatch.sandbox.faults import AUTOTASK_PREFIX, Fault, FaultPlan
from qpmatch.sandbox.handlers import HANDLERS, Call
from qpmatch.sandbox.refusal import Refusal
from qpmatch.sandbox.renames import renamed_routes
from qpmatch.sandbox.render import render, row_template
from qpmatch.sandbox.signin import Policy
from qpmatch.sandbox.store import Store
from qpmatch.sandbox.strict import Values, judge
from qpmatch.sandbox.striking import share_of, strike_after, strike_before

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BASE_PATH = "/api/"
"""Where the routes of WIRE.md begin, as on the real dashboards."""

JOB_DELAY_MS = 30
"""How long after its request a job takes effect, unless told otherwise."""


def create_app(
    store: Store,
    *,
    faults: Sequence[Fault] = (),
    seed: int = 1,
    renames: Iterable[str] = (),
    latency_ms: float = 0,
    job_delay_ms: float = JOB_DELAY_MS,
    policy: Policy | None = None,
) -> WSGIApplication:
    """The sandbox over ``store``.

    ``latency_ms`` delays every answer; ``seed`` decides which requests a fault with a rate strikes. Faults
    that touch the connection need ``sandbox serve``. Raises ``UsageError`` for a rename that names no route.
    """
    return Sandbox(
        store,
        faults=FaultPlan(faults, seed),
        routes=renamed_routes(renames).values(),
        latency=latency_ms / 1000,
        job_delay=job_delay_ms / 1000,
        policy=policy or Policy(),
    )


class Sandbox:
    """The app itself: ``create_app`` makes one."""

    def __init__(
        self,
        store: Store,
        *,
        faults: FaultPlan,
        routes: Iterable[Route],
        latency: float,
        job_delay: float,
        policy: Policy,
    ) -> None:
        self._store = store
        self._faults = faults
        self._routes = {route.name: route for route in routes}
        self._latency = latency
        self._job_delay = job_delay
        self._policy = policy
        self._autotask = Autotask(store)
        self._embedded = Embedded()
        self._map = Map(
            [
                Rule(
                    BASE_PATH + re.sub(r"\{(\w+)\}", r"<\1>", route.path),
                    methods=[route.method],
                    endpoint=name,
                )
                for name, route in self._routes.items()
            ],
            merge_slashes=False,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        connection: Connection = request.environ.get(ENVIRON_KEY, self._embedded)
        is_autotask = request.path.lower().startswith(f"/{AUTOTASK_PREFIX}")
        path = request.path.removeprefix("/" if is_autotask else BASE_PATH)
        fault = self._faults.strike(request.method, path)
        if fault is not None:
            instead = strike_before(fault, connection)
            if instead is not None:
                return instead
        if is_autotask:
            answer = self._autotask.answer(request, fault, lambda: self._delay(connection))
        else:
            self._delay(connection)
            answer = self._cyberqp_answer(request, fault)
        return strike_after(fault, connection, answer) if fault is not None else answer

    def _delay(self, connection: Connection) -> None:
        if self._latency:
            connection.wait(self._latency)

    def _cyberqp_answer(self, request: Request, fault: Fault | None) -> Response:
        try:
            return self._answer(request, fault)
        except Refusal as refusal:
            return error_answer(refusal.status, refusal.code, refusal.message)

    def _answer(self, request: Request, fault: Fault | None) -> Response:
        self._run_due_jobs()
        route, path_values = self._route(request)
        if route.name == "session.login":
            return self._sign_in(route, request)
        with self._store.connection() as db:
            signin.check_session(db, request.cookies.get(signin.COOKIE))
        signin.check_role(self._policy, route)
        values = judge(route, request, path_values)
        with self._store.transaction() if route.writes else self._store.snapshot() as db:
            call = Call(
                db=db,
                values=values,
                job_delay=self._job_delay,
                shift=1 if fault and fault.kind == "shift" else 0,
                surplus=1 if fault and fault.kind == "short" else 0,
                share=share_of(fault),
            )
            found = HANDLERS[route.name](call)
        return self._rendered(route, found)

    def _run_due_jobs(self) -> None:
        with self._store.connection() as db:
            waiting = jobs.due(db)
        if waiting:
            with self._store.transaction() as db:
                jobs.run_due(db)

    def _route(self, request: Request) -> tuple[Route, dict[str, str]]:
        try:
            name, path_values = self._map.bind("sandbox").match(request.path, request.method)
        except MethodNotAllowed as error:
            raise Refusal(405, "method", f"{request.method} is not possible here.") from error
        except NotFound as error:
            raise Refusal(404, "not_found", f"There is no route {request.method} {request.path}.") from error
        return self._routes[name], dict(path_values)

    def _sign_in(self, route: Route, request: Request) -> Response:
        values = judge(route, request, {})
        with self._store.transaction() as db:
            token = signin.sign_in(db, self._policy, values)
        answer = json_answer({})
        answer.set_cookie(
            signin.COOKIE,
            token,
            max_age=math.ceil(self._policy.session_seconds),
            path=BASE_PATH,
            httponly=True,
            samesite="Lax",
        )
        return answer

    def _rendered(self, route: Route, found: Values) -> Response:
        if route.answer is not None:
            return json_answer(render(route.answer, found))
        if found:
            # What one customer looks like is not known; a row of the list is the nearest thing to it.
            return json_answer(render(row_template(ROUTES["customers.list"].answer), found))
        return Response(status=204)
