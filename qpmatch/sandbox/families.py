"""Match rows of every cardinality, twins, parents with children, companies that are no clients."""

from __future__ import annotations

from qpmatch.sandbox.draft import Draft
from qpmatch.sandbox.words import BRANCHES, CITIES, OWN_NAME


def own_company(draft: Draft) -> None:
    """The MSP itself, unmatched, with a customer of its own name."""
    draft.company(OWN_NAME, own=True)
    draft.customer(OWN_NAME)


def exact(draft: Draft) -> None:
    """A pair of the same spelling, free on both sides: what the web page suggests."""
    name = draft.name()
    draft.company(name)
    draft.customer(name)


def one_to_one(draft: Draft) -> None:
    """A matched pair of the same spelling."""
    name = draft.name()
    draft.link(draft.company(name), draft.customer(name))


def drifted(draft: Draft) -> None:
    """Matched long ago; one side has been renamed since."""
    draft.link(draft.company(draft.name()), draft.customer(draft.name()))


def one_company_two_customers(draft: Draft) -> None:
    """A one-to-many row with the company as the 1."""
    name = draft.core()
    company = draft.company(name + draft.form())
    draft.link(company, draft.customer(f"{name} {draft.choice(BRANCHES[:2])}"))
    draft.link(company, draft.customer(f"{name} {draft.choice(BRANCHES[2:4])}"))


def one_customer_three_companies(draft: Draft) -> None:
    """A one-to-many row with the customer as the 1."""
    name = draft.core()
    customer = draft.customer(name)
    draft.link(draft.company(name + draft.form()), customer)
    for branch in (BRANCHES[0], BRANCHES[1]):
        draft.link(draft.company(f"{name} {branch}"), customer)


def many_to_many(draft: Draft) -> None:
    """A row that only a person on the web page could have made (R4)."""
    name = draft.core()
    first, second = draft.company(name + " Inc"), draft.company(name + " Holdings Inc")
    shared = draft.customer(name)
    draft.link(first, shared)
    draft.link(second, shared)
    draft.link(second, draft.customer(f"{name} Holdings"))


def no_customer(draft: Draft) -> None:
    """A company that CyberQP has not got."""
    draft.company(draft.name())


def no_company(draft: Draft) -> None:
    """Customers imported from IT Glue that the PSA does not know, and a company that it alone knows."""
    for _ in range(6):
        draft.customer(draft.name(), itglue=True)
    draft.company(draft.name())


def twin_companies(draft: Draft) -> None:
    """Two companies of the same spelling, one customer: ambiguous (R1)."""
    name = draft.name()
    draft.company(name)
    draft.company(name)
    draft.customer(name)


def twin_customers(draft: Draft) -> None:
    """Two customers of the same spelling, one company: ambiguous (R1)."""
    name = draft.name()
    draft.company(name)
    draft.customer(name)
    draft.customer(name)


def taken_customer(draft: Draft) -> None:
    """Two companies of the same spelling; the customer is linked to one of them: shown, never preselected."""
    name = draft.name()
    draft.company(name)
    draft.link(draft.company(name), draft.customer(name))


def parent_and_children(draft: Draft) -> None:
    """The parent is matched, its children are not."""
    name = draft.core()
    parent = draft.company(f"{name} Holdings")
    draft.link(parent, draft.customer(f"{name} Holdings"))
    for place in (draft.choice(CITIES[:20]), draft.choice(CITIES[20:])):
        draft.company(f"{name} {place}", parent=parent)


def unmatched_parent(draft: Draft) -> None:
    """Only the child has a customer of nearly its name, and the parent of nearly the same."""
    name = draft.core()
    parent = draft.company(name)
    draft.company(f"{name} {draft.choice(CITIES)}", parent=parent)
    draft.customer(f"{name} {draft.choice(BRANCHES)}")


def lead(draft: Draft) -> None:
    """Not a client yet, or never."""
    draft.company(draft.name(), type=draft.choice(("Lead", "Prospect", "Dead")))


def vendor(draft: Draft) -> None:
    """Not a client."""
    draft.company(draft.name(), type=draft.choice(("Vendor", "Partner")))


def cancelled(draft: Draft) -> None:
    """A former client; CyberQP still has the customer."""
    name = draft.name()
    draft.company(name, type="Cancelation", active=draft.chance(0.4))
    draft.customer(name)


def inactive(draft: Draft) -> None:
    """An inactive company with a free customer of its spelling."""
    name = draft.name()
    draft.company(name, active=False)
    draft.customer(name)


def inactive_matched(draft: Draft) -> None:
    """An inactive company, still matched."""
    name = draft.name()
    draft.link(draft.company(name, active=False), draft.customer(name))
