"""Plan files, read and written (SPEC 6): every error names file, line and column."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from qpmatch.errors import PlanError
from qpmatch.files import write_new, write_over
from qpmatch.plan.clashes import HINT, Clash, clashes
from qpmatch.plan.emit import document
from qpmatch.plan.model import AnyEntry, Entry, Plan
from qpmatch.plan.problems import InvalidPlanError, Problem, problems_of
from qpmatch.plan.schema import schema_reference
from qpmatch.yamlload import Located, YamlError, load, load_file

MAX_BYTES = 16 * 1024 * 1024
"""A larger file is refused (SPEC 6): it is no plan."""

_SHOWN_PROBLEMS = 100
"""After so many problems the rest of a file is not looked at."""

_TEXT_KEYS = frozenset(
    {
        "action",
        "companies",
        "company",
        "customer",
        "customers",
        "generated",
        "generator",
        "id",
        "integration",
        "name",
        "reason",
        "region",
        "tier",
    }
)
"""Keys whose values are text whatever they look like: ids such as ``0123``, companies called ``No``."""


def load_plan(path: Path) -> Plan:
    """The plan in the file at ``path``, checked as far as that goes without a datacentre.

    Raises ``PlanError`` with file, line and column for anything but a plan, two operations on one row
    included; :class:`InvalidPlanError` among them carries every problem where several can be found at once.
    """
    try:
        with _no_garbage():
            return _plan(load_file(path, max_bytes=MAX_BYTES, text_keys=_TEXT_KEYS))
    except YamlError as error:
        raise PlanError(error.message, hint=error.hint) from error
    except FileNotFoundError as error:
        raise PlanError(
            f"there is no plan file {path}", hint=f"make one with: qpmatch suggest --plan {path}"
        ) from error
    except OSError as error:
        raise PlanError(f"the plan file {path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a path that no operating system takes, such as one with a NUL
        raise PlanError(f"the plan file {str(path)!r} cannot be read: {error}") from error


def parse_plan(text: str, source: str) -> Plan:
    """The plan in ``text``; ``source`` names it in errors. Raises ``PlanError`` as ``load_plan`` does."""
    try:
        with _no_garbage():
            return _plan(load(text, source, max_bytes=MAX_BYTES, text_keys=_TEXT_KEYS))
    except YamlError as error:
        raise PlanError(error.message, hint=error.hint) from error


def _plan(located: Located) -> Plan:
    if not isinstance(located.data, dict):
        holds = "a list" if isinstance(located.data, list) else "a single value"
        raise located.error(
            "not a plan: the file " + ("is empty" if located.data is None else f"holds {holds}"),
            hint="a plan is a mapping with version, region and operations; qpmatch suggest --plan writes one",
        )
    facts, problems = dict(located.data), list[Problem]()
    if isinstance(operations := facts.get("operations"), list):
        facts["operations"], problems = _entries(operations, located)
    try:
        plan = Plan.model_validate(facts)
    except ValidationError as error:
        raise InvalidPlanError(problems_of(error, located) + problems) from error
    if problems:
        raise InvalidPlanError(problems)
    lines = tuple(located.position(("operations", index)).line for index in range(len(plan.operations)))
    plan = plan.located(located.source, lines)
    if found := [_clash_problem(located, clash) for clash in clashes(plan)]:
        raise InvalidPlanError(found)
    return plan


def _entries(operations: list[Any], located: Located) -> tuple[list[Entry], list[Problem]]:
    """The valid entries, and what is wrong with the others, one by one: a broken file can have a million."""
    entry_type: TypeAdapter[Entry] = TypeAdapter(AnyEntry)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for index, operation in enumerate(operations):
        try:
            entries.append(entry_type.validate_python(operation))
        except ValidationError as error:
            problems += problems_of(error, located, ("operations", index))
            if len(problems) >= _SHOWN_PROBLEMS:
                break
    return entries, problems


def _clash_problem(located: Located, clash: Clash) -> Problem:
    line = located.position(("operations", clash.first)).line
    return Problem(
        f"operation {clash.second + 1} and operation {clash.first + 1} (line {line}) are on the same row:"
        f" both name {clash.side} {clash.ref}",
        located.source,
        located.position(("operations", clash.second)),
        HINT,
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """A large plan is many small objects that all stay: looking for garbage among them only costs time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def write_plan(path: Path, plan: Plan, *, force: bool = False) -> None:
    """Write a plan file (SPEC 6), whole or not at all.

    Raises ``PlanError`` when the file exists and ``force`` is not given, when it is a symbolic link, when it
    cannot be written, or when it would be larger than a plan may be.
    """
    text = document(plan, schema=schema_reference(path.parent))
    if len(text.encode()) > MAX_BYTES:
        raise PlanError(
            f"{path} would be larger than {MAX_BYTES // 1024 // 1024} MiB, which nobody can read back",
            hint="suggest with fewer --candidates, or a higher --min-score",
        )
    (write_over if force else write_new)(path, text)
