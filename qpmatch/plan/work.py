"""Operations on their way: what each has to do next, and what it expects to find."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qpmatch.matching.operations import Step, StepKind
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.spelling import spelling
from qpmatch.models import Customer, Link, Side, Tenant
from qpmatch.plan.check import Judged
from qpmatch.plan.links import Links, after, links_at, segments
from qpmatch.plan.result import Result

LINKS_PER_JOB = (500, 500, 50, 5, 1)
"""How many links one job carries at most, by how often their jobs were turned down before.

Nothing is known of a limit (WIRE.md matches.save). One link that may not be made can have a whole job turned
down: it is asked for again once the tenant has been read anew, then in ever smaller jobs.
"""


@dataclass(eq=False)
class Work:
    """One operation that is being carried out.

    ``expected`` are the links of its members by all that was seen so far. Its steps wait in segments, each of
    which has to be seen before the next is sent.
    """

    judged: Judged
    waiting: deque[tuple[Step, ...]]
    expected: Links
    seen: list[Step] = field(default_factory=list)
    unclear: list[Step] = field(default_factory=list)
    turned_down: int = 0
    created: Customer | None = None
    result: Result | None = None
    reason: str = ""

    @classmethod
    def of(cls, judged: Judged) -> Work:
        """The work that a verdict asks for."""
        return cls(judged, deque(segments(judged.steps)), judged.start)

    @property
    def open(self) -> bool:
        """Whether anything is left to do."""
        return self.result is None

    def close(self, result: Result, reason: str) -> None:
        """Nothing more will be done."""
        self.result, self.reason = result, reason
        self.waiting.clear()

    def saw(self, step: Step, created: Customer | None = None) -> None:
        """A step has taken effect; also one of an operation that another step has made fail."""
        self.seen.append(step)
        if created is not None:
            self.created = created
            self.expected |= {Link(step.company_id, created.id)}
        self.expected = after(self.expected, [step])
        if not self.open:
            return
        rest = tuple(one for one in self.waiting[0] if one != step)
        if rest:
            self.waiting[0] = rest
            return
        self.waiting.popleft()
        if not self.waiting:
            self.close(Result.APPLIED, "seen to take effect")

    def failed(self, step: Step, reason: str, *, unclear: bool) -> None:
        """A step came to nothing, or nobody knows: the operation goes no further in this run."""
        if unclear:
            self.unclear.append(step)
        if not self.open:
            return
        total = len(self.judged.steps)
        done = f" (after {len(self.seen)} of {total} steps)" if self.seen else ""
        self.close(Result.FAILED, reason + done)

    @property
    def may_have_changed(self) -> bool:
        """Whether anything of the operation took effect, or may have."""
        return bool(self.seen or self.unclear)

    @property
    def left_behind(self) -> Links:
        """The links of the members when the run ends, as far as anybody knows."""
        return self.expected if self.seen else after(self.expected, self.unclear)

    def disturbance(self, before: Tenant, now: Tenant, rows: RowIndex) -> tuple[Result, str] | None:
        """What somebody else has done since to the operation's members, if anything: the result it makes."""
        live = links_at(rows, self.judged.members)
        expected = self.expected
        if live == expected:
            reason = self._name_changes(before, now)
            return (Result.REFUSED, f"R7: {reason}") if reason else None
        creates = any(step.kind is StepKind.CREATE for step in self.judged.steps)
        if live == self.judged.end and not creates:
            if self.seen:
                return Result.APPLIED, "seen to take effect"
            return Result.UNCHANGED, "somebody else did it while this run was under way"
        return Result.REFUSED, "R7: somebody changed these links while this run was under way" + (
            f" (after {len(self.seen)} of {len(self.judged.steps)} steps)" if self.seen else ""
        )

    def _name_changes(self, before: Tenant, now: Tenant) -> str | None:
        for side, id_ in sorted(self.judged.named):
            was = before.companies.get(id_) if side is Side.COMPANY else before.customers.get(id_)
            is_ = now.companies.get(id_) if side is Side.COMPANY else now.customers.get(id_)
            if was is None:
                continue
            if is_ is None:
                return f"{side} {was.name!r} ({id_}) was deleted while this run was under way"
            if spelling(was.name) != spelling(is_.name):
                return f"{side} {was.name!r} ({id_}) was renamed {is_.name!r} while this run was under way"
        return self._inactivated(before, now)

    def _inactivated(self, before: Tenant, now: Tenant) -> str | None:
        for step in self.judged.steps:
            was, is_ = before.companies.get(step.company_id), now.companies.get(step.company_id)
            if step.kind is not StepKind.DELETE and was and is_ and was.active and not is_.active:
                return f"company {is_.name!r} ({is_.id}) was made inactive while this run was under way"
        return None


@dataclass(frozen=True, slots=True)
class Request:
    """Steps that go out together: a create job, a save job, or one removal."""

    kind: StepKind
    steps: tuple[tuple[Work, Step], ...]


def requests(works: Iterable[Work]) -> Iterator[Request]:
    """The next segment of every open work, as few requests as the routes allow.

    A save job holds each company at most once (WIRE.md matches.save: its matches are keyed by company).
    """
    steps = [(work, step) for work in works if work.open for step in work.waiting[0]]
    creates = [one for one in steps if one[1].kind is StepKind.CREATE]
    yield from _jobs(StepKind.CREATE, creates)
    rounds: list[list[tuple[Work, Step]]] = []
    turns: dict[str, int] = {}
    for work, step in steps:
        if step.kind is StepKind.SAVE:
            turn = turns.get(step.company_id, 0)
            turns[step.company_id] = turn + 1
            if turn == len(rounds):
                rounds.append([])
            rounds[turn].append((work, step))
    for one_round in rounds:
        yield from _jobs(StepKind.SAVE, one_round)
    for work, step in steps:
        if step.kind is StepKind.DELETE:
            yield Request(StepKind.DELETE, ((work, step),))


def _jobs(kind: StepKind, steps: Sequence[tuple[Work, Step]]) -> Iterator[Request]:
    sizes: dict[int, list[tuple[Work, Step]]] = {}
    for work, step in steps:
        sizes.setdefault(LINKS_PER_JOB[min(work.turned_down, len(LINKS_PER_JOB) - 1)], []).append(
            (work, step)
        )
    for size, alike in sizes.items():
        for start in range(0, len(alike), size):
            yield Request(kind, tuple(alike[start : start + size]))
