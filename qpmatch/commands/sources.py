"""Where ``suggest`` gets its companies and customers from, and where its results go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpmatch.errors import UsageError

if TYPE_CHECKING:
    from qpmatch.commands.session import Connection, Session
    from qpmatch.matching.aliases import Aliases
    from qpmatch.matching.suggestion import Suggestion
    from qpmatch.models import Tenant


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says about which companies to suggest for."""

    companies: str | None
    customers: str | None
    types: Sequence[str]
    active: bool | None


@dataclass(frozen=True, slots=True)
class Source:
    """A tenant to suggest on. ``wanted`` are the ids to suggest for, ``None`` for every unmatched company."""

    tenant: Tenant
    wanted: frozenset[str] | None = None
    connection: Connection | None = None
    named: bool = False

    def profiled(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """The record with its profile, where several were asked for."""
        if not self.named or self.connection is None:
            return record
        return {"profile": self.connection.settings.profile, **record}


def every(session: Session, choice: Choice) -> Iterator[Source]:
    """One source for each profile asked for, or the exported lists."""
    if choice.companies or choice.customers:
        yield Source(_exported(choice))
        return
    for connection in session.connections:
        tenant = connection.read()
        yield Source(tenant, _wanted(session, connection, tenant, choice), connection, session.profiled)


def one(session: Session, choice: Choice) -> Source:
    """The only source. Raises ``UsageError`` where several profiles are asked for."""
    sources = list(every(session, choice))
    if len(sources) > 1:
        raise UsageError("--explain speaks of one company of one profile", hint="name one --profile")
    return sources[0]


def _exported(choice: Choice) -> Tenant:
    from qpmatch.models import Tenant
    from qpmatch.offline import read_companies, read_customers

    if not choice.companies or not choice.customers:
        missing = "--customers" if choice.companies else "--companies"
        raise UsageError(
            "suggestions on exported lists need both lists", hint=f"give {missing} FILE.csv as well"
        )
    if choice.types or choice.active is not None:
        raise UsageError(
            "exported lists know no types and no inactive companies",
            hint="leave --type, --active and --all-states out, and export only what is wanted",
        )
    return Tenant(
        {company.id: company for company in read_companies(choice.companies)},
        {customer.id: customer for customer in read_customers(choice.customers)},
    )


def _wanted(
    session: Session, connection: Connection, tenant: Tenant, choice: Choice
) -> frozenset[str] | None:
    """The companies to suggest for; says how many are left out, and how to take them in."""
    from qpmatch.matching.worth import worth_matching

    narrow = connection.settings.companies_from == "autotask"
    kept, left_out = worth_matching(
        tenant,
        types=choice.types or (("Customer",) if narrow else ()),
        active_only=narrow if choice.active is None else choice.active,
        own=not narrow,
    )
    if left_out:
        reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        session.note(
            f"{sum(left_out.values())} companies are left out: {reasons}."
            " To take them in: --all-states, or --type once for each type."
        )
    return kept


def aliases_path(session: Session, given: Path | None) -> Path:
    """The alias file: the one given, else the one beside config.yaml."""
    from qpmatch.aliasfile import FILE_NAME
    from qpmatch.config import config_path

    return given or config_path(session.runtime.environ).with_name(FILE_NAME)


def known_aliases(session: Session, given: Path | None) -> Aliases:
    """What the alias file holds. Raises ``UsageError`` for a file that was named and is not there."""
    from qpmatch.aliasfile import read_aliases

    if given is not None and not given.exists():
        raise UsageError(f"there is no alias file {given}")
    return read_aliases(aliases_path(session, given))


def learn(session: Session, known: Aliases, plan: Path, given: Path | None) -> Aliases:
    """The aliases with what a decided plan teaches, which is written into the alias file too."""
    from qpmatch.aliasfile import write_learned
    from qpmatch.matching.aliases import learn as learned
    from qpmatch.plan.decided import decided_pairs
    from qpmatch.plan.yamlfile import load_plan

    after = learned(known, decided_pairs(load_plan(plan)))
    path = aliases_path(session, given)
    added = write_learned(path, known, after)
    session.note(f"{added} pairs learned from {plan}" + (f", kept in {path}" if added else ""))
    return after


def write_plan(
    session: Session, path: Path, source: Source, suggestions: Sequence[Suggestion], *, force: bool
) -> None:
    """Write the suggestions as a plan, and say what comes next."""
    from qpmatch.plan.build import plan_from_suggestions
    from qpmatch.plan.yamlfile import write_plan as write

    settings = (source.connection or session.connection).settings
    plan = plan_from_suggestions(
        suggestions,
        source.tenant,
        region=settings.region,
        integration=settings.integration,
        now=session.runtime.now(),
    )
    write(path, plan, force=force)
    session.note(f"wrote {path}: {len(plan.operations)} entries. Review it, then: qpmatch confirm {path}")
