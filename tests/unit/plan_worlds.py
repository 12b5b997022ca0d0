"""Random tenants and plans for property tests: rows of every shape, and what may be done to them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from qpmatch.matching.operations import Change, Create, Edit, Match, Operation, Unmatch
from qpmatch.matching.rows import RowIndex
from qpmatch.matching.rules import World, judge
from qpmatch.models import Company, Customer, Link, Side, Tenant
from qpmatch.plan.build import plan_of
from qpmatch.plan.model import Plan

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
COMPANIES = [f"c{number}" for number in range(8)]
CUSTOMERS = [f"u{number}" for number in range(8)]


@st.composite
def tenants(draw: st.DrawFn, *, many_to_many: bool = False) -> Tenant:
    """Eight companies and customers, in rows of random shapes; names are unique, some alike on both sides."""
    companies = draw(st.permutations(COMPANIES))
    customers = draw(st.permutations(CUSTOMERS))
    links: set[Link] = set()
    for _ in range(draw(st.integers(0, 4))):
        width, height = draw(st.sampled_from([(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2)]))
        if not many_to_many and width > 1 and height > 1:
            height = 1
        left, companies = companies[:width], companies[width:]
        right, customers = customers[:height], customers[height:]
        links |= {Link(company, customer) for company in left for customer in right}
    return Tenant(
        {id_: Company(id_, f"Name {id_[1:]}") for id_ in COMPANIES},
        {id_: Customer(id_, f"Name {int(id_[1:]) + 4}") for id_ in CUSTOMERS},
        frozenset(links),
    )


def operations() -> st.SearchStrategy[Operation]:
    """Any operation on any members, most of them against some rule."""
    company, customer = st.sampled_from(COMPANIES), st.sampled_from(CUSTOMERS)
    edits = [
        st.builds(
            Edit,
            st.just(member_side),
            company if member_side is Side.COMPANY else customer,
            st.just(side),
            st.lists(company if side is Side.COMPANY else customer, max_size=3, unique=True).map(tuple),
        )
        for member_side in Side
        for side in Side
    ]
    unmatches = st.one_of(
        st.builds(Unmatch, company, customer),
        st.builds(Unmatch, company),
        st.builds(lambda id_: Unmatch(None, id_), customer),
    )
    return st.one_of(st.builds(Match, company, customer), st.builds(Create, company), unmatches, *edits)


@st.composite
def allowed_plans(draw: st.DrawFn, tenant: Tenant, *, by_hand: bool = False) -> Plan:
    """A plan of operations that the rules allow, one for each row; ``by_hand`` leaves ``before`` out."""
    world = World(tenant)
    rows = RowIndex(tenant.links)
    taken: set[tuple[Side, str]] = set()
    chosen: list[Operation] = []
    for operation in draw(st.lists(operations(), min_size=1, max_size=12)):
        verdict = judge(world, operation)
        concerned = members_of(operation, rows)
        if not isinstance(verdict, Change) or taken & concerned:
            continue
        world.perform(verdict.steps)
        taken |= concerned
        chosen.append(operation)
    plan = plan_of(chosen, tenant, region="sandbox", integration="autotask", now=NOW)
    if by_hand:
        entries = tuple(entry.model_copy(update={"before": None}) for entry in plan.operations)
        plan = plan.model_copy(update={"operations": entries})
    return plan


def members_of(operation: Operation, rows: RowIndex) -> set[tuple[Side, str]]:
    """Whom an operation names, and all who share a row with one of them."""
    named: set[tuple[Side, str]] = set()
    if isinstance(operation, Edit):
        named = {(operation.member_side, operation.member), *((operation.side, id_) for id_ in operation.ids)}
    else:
        if operation.company_id is not None:
            named.add((Side.COMPANY, operation.company_id))
        if isinstance(operation, Match | Unmatch) and operation.customer_id is not None:
            named.add((Side.CUSTOMER, operation.customer_id))
    found = set(named)
    for side, id_ in named:
        row = rows.of_company(id_) if side is Side.COMPANY else rows.of_customer(id_)
        if row:
            found |= {(Side.COMPANY, one) for one in row.company_ids}
            found |= {(Side.CUSTOMER, one) for one in row.customer_ids}
    return found
