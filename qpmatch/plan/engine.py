"""Carries operations out, round by round: look, send, look again; applied is only what was seen (SPEC 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from qpmatch.api.interface import Datacentre, Progress, no_progress
from qpmatch.errors import CredentialsError, DatacentreError, ExitCode, QpmatchError
from qpmatch.matching.operations import Step, StepKind
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.spelling import spelling
from qpmatch.models import Customer, Tenant
from qpmatch.plan.clock import Clock
from qpmatch.plan.journal import Journal, JournalError
from qpmatch.plan.result import Result
from qpmatch.plan.settle import took_effect
from qpmatch.plan.work import Request, Work, requests

FAILURES_IN_A_ROW = 3
"""After so many failed requests on end the datacentre is taken to be in trouble, and left alone."""

LABEL, SENDING = "confirm", "sending"
"""The labels of the progress: operations done, of all that change something; requests of one round."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that went out. ``arrived`` is ``None`` when nobody knows whether it did."""

    request: Request
    arrived: bool | None
    error: str | None


class Engine:
    """Runs works against a datacentre. ``cause`` tells what stopped it, if anything did.

    ``tenant`` is what the works were judged against; names are compared with it.
    """

    def __init__(
        self,
        datacentre: Datacentre,
        tenant: Tenant,
        works: Sequence[Work],
        journal: Journal,
        *,
        clock: Clock,
        progress: Progress = no_progress,
    ) -> None:
        self._datacentre = datacentre
        self._tenant = tenant
        self._works = works
        self._journal = journal
        self._clock = clock
        self._progress = progress
        self._failures = 0
        self._reported: set[Work] = set()
        self.cause: ExitCode | None = None
        self.stop_reason: str | None = None

    def run(self, *, fresh: bool) -> None:
        """Work until every operation has a result. ``fresh`` says that the tenant has just been read.

        Errors of the datacentre become results; only an interruption (``KeyboardInterrupt``) gets out.
        """
        live: Tenant | None = self._tenant if fresh else None
        self._tell()
        while self.stop_reason is None and self._open():
            live = live or self._read()
            if live is None:
                break
            self._refuse_disturbed(live)
            sent = self._send(requests(self._works))
            live = self._read_back(sent)
            self._report()
        for work in self._open():
            if work.seen:
                work.close(Result.FAILED, f"stopped half-way: {self.stop_reason}")
            else:
                work.close(Result.SKIPPED, f"the run stopped: {self.stop_reason}")
        self._report()

    def _open(self) -> list[Work]:
        return [work for work in self._works if work.open]

    def _tell(self) -> None:
        self._progress(LABEL, sum(not work.open for work in self._works), len(self._works))

    def _report(self) -> None:
        """Put new results into the journal."""
        new = [work for work in self._works if work.result and work not in self._reported]
        self._reported.update(new)
        self._log(
            lambda: self._journal.results((work.judged.index, str(work.result), work.reason) for work in new)
        )
        self._tell()

    def _stop(self, error: QpmatchError) -> None:
        """Send nothing more."""
        if self.stop_reason is not None:
            return
        self.stop_reason = error.message
        self.cause = error.exit_code

    def _log(self, write: Callable[[], None]) -> None:
        """Write to the journal; when that fails what is on its way is still looked after, but no more."""
        try:
            write()
        except JournalError as error:
            self._stop(error)

    def _read(self) -> Tenant | None:
        try:
            return self._datacentre.read(self._progress)
        except (DatacentreError, CredentialsError) as error:
            self._stop(error)
            return None

    def _refuse_disturbed(self, live: Tenant) -> None:
        """Leave alone what somebody else has changed since the operation was judged (R7)."""
        if live is self._tenant:
            return
        rows = RowIndex(live.links)
        names: set[str] | None = None
        for work in self._open():
            if found := work.disturbance(self._tenant, live, rows):
                work.close(*found)
            elif work.waiting[0][0].kind is StepKind.CREATE:
                if names is None:
                    names = {spelling(customer.name) for customer in live.customers.values()}
                name = live.companies[work.waiting[0][0].company_id].name
                if spelling(name) in names:
                    work.close(
                        Result.REFUSED,
                        f"R6: a customer named {name!r} was made while this run was under way",
                    )

    def _send(self, outgoing: Iterable[Request]) -> list[_Sent]:
        """Send requests up to the first that fails; the rest waits until it is known what became of it."""
        sent: list[_Sent] = []
        to_send = list(outgoing)
        for number, request in enumerate(to_send):
            self._progress(SENDING, number, len(to_send))
            if self.stop_reason is not None:
                break
            try:
                sent.append(self._send_one(request))
            except JournalError as error:
                self._stop(error)
                break
            if sent[-1].error is not None:
                break
        return sent

    def _send_one(self, request: Request) -> _Sent:
        number = self._journal.send(
            request.kind.value, [(work.judged.index, step) for work, step in request.steps]
        )
        arrived: bool | None = True
        error: str | None = None
        try:
            self._call(request)
        except CredentialsError as refused:
            arrived, error = False, refused.message
            self._stop(refused)
        except DatacentreError as failed:
            arrived, error = None if failed.sent else False, failed.message
            if failed.sent:
                self._count_failure(failed.message)
        else:
            self._failures = 0
        self._log(lambda: self._journal.answer(number, arrived=arrived, error=error))
        return _Sent(request, arrived, error)

    def _count_failure(self, message: str) -> None:
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            self._stop(DatacentreError(message))

    def _turned_down(self, one: _Sent) -> None:
        """Not done, for sure: worth a second try when the tenant has been read anew, and alone if need be."""
        for work, step in one.request.steps:
            work.turned_down += 1
            is_given_up = len(one.request.steps) == 1 and work.turned_down > 1
            if is_given_up or self.stop_reason is not None:
                work.failed(step, str(one.error), unclear=False)
                self.cause = self.cause or ExitCode.UNREACHABLE
            if is_given_up:
                self._count_failure(str(one.error))

    def _call(self, request: Request) -> None:
        steps = [step for _, step in request.steps]
        match request.kind:
            case StepKind.CREATE:
                self._datacentre.create_customers([self._tenant.companies[step.company_id] for step in steps])
            case StepKind.SAVE:
                self._datacentre.save_links(
                    [
                        (self._tenant.companies[step.company_id], self._tenant.customers[step.customer_id])
                        for step in steps
                    ]
                )
            case StepKind.DELETE:
                self._datacentre.delete_link(steps[0].link)

    def _read_back(self, sent: Sequence[_Sent]) -> Tenant | None:
        """Look until everything that was sent is seen, or its time is up.

        Gives the whole tenant when that is what was read last: the next round can start from it.
        """
        awaited: dict[tuple[Work, Step], str | None] = {}
        for one in sent:
            if one.arrived is False:
                self._turned_down(one)
            else:
                awaited |= dict.fromkeys(one.request.steps, one.error)
        tenant: Tenant | None = None
        if not awaited:
            return tenant
        for is_last in self._clock.looks(self._datacentre.job_wait):
            try:
                tenant = self._look(awaited, is_last=is_last)
            except (DatacentreError, CredentialsError) as error:
                self._stop(error)
                for work, step in awaited:
                    reason = f"sent, and it could not be read back what became of it: {error.message}"
                    work.failed(step, reason, unclear=True)
                return None
            self._tell()
            if not awaited:
                return tenant
        self._give_up(awaited)
        return tenant

    def _look(self, awaited: dict[tuple[Work, Step], str | None], *, is_last: bool) -> Tenant | None:
        """Take what is seen out of ``awaited``. The tenant, where names had to be read too.

        The names of new customers are read once all of them are linked, or at the last look.
        """
        links = self._datacentre.read_links()
        found = [(work, step) for work, step in awaited if took_effect(step, links)]
        linked = {one for one in found if one[1].kind is StepKind.CREATE}
        are_all_linked = len(linked) == sum(step.kind is StepKind.CREATE for _, step in awaited)
        made: dict[str, Customer] = {}
        tenant: Tenant | None = None
        if linked and (are_all_linked or is_last):
            tenant = self._datacentre.read()
            made = _namesakes(tenant, [step.company_id for _, step in linked])
        seen = [
            (work, step)
            for work, step in found
            if step.kind is not StepKind.CREATE or step.company_id in made
        ]
        for work, step in seen:
            del awaited[work, step]
            work.saw(step, made.get(step.company_id))
        if seen:
            self._failures = 0
        self._log(lambda: self._journal.seen((work.judged.index, step) for work, step in seen))
        return tenant

    def _give_up(self, awaited: dict[tuple[Work, Step], str | None]) -> None:
        for (work, step), error in awaited.items():
            wait = f"not seen to take effect within {self._datacentre.job_wait:g} s"
            work.failed(step, f"{error}; {wait}" if error else f"accepted, but {wait}", unclear=True)
            self.cause = self.cause or ExitCode.UNREACHABLE


def _namesakes(tenant: Tenant, company_ids: Iterable[str]) -> dict[str, Customer]:
    """The customer of its own name that each company is linked to, for those that have one."""
    rows = RowIndex(tenant.links)
    found: dict[str, Customer] = {}
    for company_id in company_ids:
        company = tenant.companies.get(company_id)
        for customer_id in rows.customers_of(company_id):
            customer = tenant.customers.get(customer_id)
            if company and customer and spelling(customer.name) == spelling(company.name):
                found[company_id] = customer
    return found
