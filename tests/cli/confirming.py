"""Plans for the tests of ``confirm``, and its answer with its shape checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import Program

KEYS = ["region", "integration", "dry_run", "status", "summary", "operations", "undo", "journal"]
SUMMARY_KEYS = ["applied", "unchanged", "refused", "failed", "skipped", "pending"]
OPERATION_KEYS = ["index", "action", "companies", "customers", "result", "reason"]

COMPANIES = {str(number): f"Company {number}" for number in range(12)}
CUSTOMERS = {f"k{number}": f"Customer {number}" for number in range(12)}
LINKS = [("4", "k4"), ("5", "k5"), ("6", "k5"), ("7", "k7"), ("7", "k8"), ("9", "k10"), ("11", "k10")]

PLAN = """\
- {action: match, company: {id: '0', name: Company 0}, customer: {id: k0}, before: {customer: []}}
- {action: match, company: Company 1, customer: Customer 4}
- {action: review, company: {id: '2'}}
- {action: create, company: {id: '3'}}
- {action: unmatch, company: {id: '6'}, customer: {id: k5}}
- {action: edit, row: {company: {id: '7'}}, customers: [{id: k7}, {id: k9}]}
"""
AFTER = {
    ("0", "k0"),
    ("1", "k4"),
    ("4", "k4"),
    ("5", "k5"),
    ("7", "k7"),
    ("7", "k9"),
    ("9", "k10"),
    ("11", "k10"),
}
"""The links that it leads to, without that of the created customer."""


def write(
    home: Path, operations: str = PLAN, *, head: str = "region: sandbox\n", name: str = "plan.yaml"
) -> str:
    (home / name).write_text(f"version: 1\n{head}operations:\n{operations}", encoding="utf-8")
    return name


def confirmed(qpmatch: Program, *words: str, code: int = 0) -> dict[str, Any]:
    outcome = qpmatch("confirm", *words, "-o", "json", code=code)
    document: dict[str, Any] = outcome.json
    assert list(document)[: len(KEYS)] == KEYS
    assert list(document["summary"]) == SUMMARY_KEYS
    assert sum(document["summary"].values()) == len(document["operations"])
    for operation in document["operations"]:
        assert list(operation)[: len(OPERATION_KEYS)] == OPERATION_KEYS
    return document


def results(document: dict[str, Any]) -> list[str]:
    return [operation["result"] for operation in document["operations"]]


def applied(qpmatch: Program, *words: str, code: int = 0) -> dict[str, Any]:
    return confirmed(qpmatch, *words, "--yes", code=code)
