"""One function per route of WIRE.md: values of a judged request in, values of the answer out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qpmatch.api.routes import INTEGRATIONS, JOB_ACCEPTED
from qpmatch.sandbox import accounts, events, jobs, lists, rules
from qpmatch.sandbox.jobs import Share
from qpmatch.sandbox.lists import AUTOTASK, ITGLUE, Page, Window
from qpmatch.sandbox.refusal import Refusal, bad_request
from qpmatch.sandbox.strict import Values


@dataclass(frozen=True, slots=True)
class Call:
    """A judged request; ``shift``, ``surplus`` and ``share`` are what a fault makes of it."""

    db: sqlite3.Connection
    values: Values
    job_delay: float
    shift: int = 0
    surplus: int = 0
    share: Share = Share.ALL

    def window(self) -> Window:
        """The part of a list that is asked for."""
        return Window.of(self.values, self.shift)

    def listed(self, page: Page) -> Values:
        """A page as the values of an answer."""
        return {"total": page.total + self.surplus, "rows": page.rows}

    def submit(self, kind: str, items: list[jobs.Item]) -> Values:
        """Queue a job and say so."""
        jobs.submit(self.db, kind, items, delay=self.job_delay, share=self.share)
        return {"message": JOB_ACCEPTED}


Handler = Callable[[Call], Values]


def _list_customers(call: Call) -> Values:
    return call.listed(lists.customers(call.db, call.window(), call.values["search"]))


def _get_customer(call: Call) -> Values:
    customer_id = call.values["customer_id"]
    name = rules.name_of(call.db, "customer", customer_id)
    itglue, autotask = call.db.execute(
        "SELECT (SELECT itglue_id IS NOT NULL FROM customer WHERE id = :id), "
        "EXISTS (SELECT 1 FROM link WHERE customer_id = :id)",
        {"id": customer_id},
    ).fetchone()
    return lists.customer_row(customer_id, name, itglue, autotask)


def _companies(call: Call, *, matched_only: bool) -> Values:
    return call.listed(
        lists.companies(
            call.db,
            call.window(),
            call.values["search"],
            matched_only=matched_only,
            integration=call.values["integration"],
        )
    )


def _list_matches(call: Call) -> Values:
    return _companies(call, matched_only=True)


def _list_companies(call: Call) -> Values:
    return _companies(call, matched_only=False)


def _save_matches(call: Call) -> Values:
    _autotask_only(call)
    return call.submit("matches.save", _some(call.values["matches"], "match"))


def _delete_match(call: Call) -> Values:
    _autotask_only(call)
    company_id, customer_id = call.values["company_id"], call.values["customer_id"]
    if call.share is Share.ALL:
        rules.unlink(call.db, company_id, customer_id)
        events.note_match(call.db, company_id, customer_id, "unmatched")
    return {}


def _create_customers(call: Call) -> Values:
    _autotask_only(call)
    company_ids = _some(call.values["company_ids"], "company")
    if len(set(company_ids)) < len(company_ids):
        raise bad_request("A company stands more than once.")
    return call.submit("customers.create", [{"company_id": company_id} for company_id in company_ids])


def _get_integration(call: Call) -> Values:
    integration = call.values["integration"]
    if integration not in INTEGRATIONS.values():
        raise Refusal(404, "not_found", f"There is no integration {integration!r}.")
    return {"active": integration in {AUTOTASK, ITGLUE}}


def _list_events(call: Call) -> Values:
    return call.listed(lists.events(call.db, call.window(), call.values))


def _list_accounts(call: Call) -> Values:
    values = call.values
    return call.listed(lists.end_users(call.db, call.window(), values["search"], values["customer_id"]))


def _get_account(call: Call) -> Values:
    account = accounts.find(call.db, call.values["customer_id"], call.values["account_id"])
    contact_id = accounts.contact_of(call.db, account, call.values["integration"])
    if contact_id is None:
        raise Refusal(404, "not_found", f"Account {account.name!r} is not matched.")
    return {"contact_id": contact_id}


def _save_accounts(call: Call) -> Values:
    everywhere: Mapping[str, Any] = {
        "customer_id": call.values["customer_id"],
        "integration": call.values["integration"],
    }
    matches = _some(call.values["matches"], "match")
    return call.submit("accounts.save", [{**everywhere, **match} for match in matches])


def _delete_account(call: Call) -> Values:
    values = call.values
    if call.share is Share.ALL:
        account = accounts.unlink(call.db, values["customer_id"], values["account_id"], values["integration"])
        events.note_account(call.db, values["customer_id"], account.name, "unmatched")
    return {}


def _autotask_only(call: Call) -> None:
    integration = call.values["integration"]
    if integration != AUTOTASK:
        raise Refusal(409, "not_set_up", f"This sandbox matches {AUTOTASK} companies, not {integration}'s.")


def _some(items: list[Any], what: str) -> list[Any]:
    if not items:
        raise bad_request(f"There is no {what} in the request.")
    return items


HANDLERS: Mapping[str, Handler] = {
    "customers.list": _list_customers,
    "customers.get": _get_customer,
    "matches.list": _list_matches,
    "companies.list": _list_companies,
    "matches.save": _save_matches,
    "matches.delete": _delete_match,
    "customers.create": _create_customers,
    "integration.get": _get_integration,
    "events.list": _list_events,
    "accounts.list": _list_accounts,
    "accounts.get": _get_account,
    "accounts.save": _save_accounts,
    "accounts.delete": _delete_account,
}
"""Every route but ``session.login``, which the app answers itself."""
