"""``aliases.yaml``: what an MSP knows about its companies and no name says, in a file that people edit.

::

    same:                         # this company is that customer (a name, or a CyberQP id)
    - company: Northwind Traders
      customer: NWT Holdings
    never:                        # these two are never to be suggested for each other
    - company: Contoso Dental
      customer: Contoso Legal
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from qpmatch import yamlload
from qpmatch.errors import UsageError
from qpmatch.files import read_text, write_over
from qpmatch.matching.aliases import NO_ALIASES, Aliases

FILE_NAME: Final = "aliases.yaml"

_SECTIONS: Final = ("same", "never")
_KEYS: Final = ("company", "customer")
_HEAD: Final = """\
# What no name says. `same`: this company is that customer (a name, or a CyberQP id).
# `never`: these two are not to be suggested for each other. Add entries by hand, or with
# `qpmatch suggest --learn PLAN`.
"""


def read_aliases(path: Path) -> Aliases:
    """The content of an alias file; a file that does not exist holds nothing.

    Raises ``UsageError``, with file, line and column, for one that cannot be used as it stands.
    """
    try:
        located = yamlload.load_file(path, text_keys=_KEYS)
    except FileNotFoundError:
        return NO_ALIASES
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    return _parsed(located)


def write_learned(path: Path, before: Aliases, after: Aliases) -> int:
    """Write into the file what ``after`` holds beyond ``before``, its content; comments and order stay.

    Returns how many entries were added. Raises ``UsageError`` when the file cannot be written, or is laid
    out in a way that a machine should not touch; it is then as it was.
    """
    new = [pair for pair in after.same if pair not in before.same]
    if not new:
        return 0
    text = read_text(path) if path.exists() else _HEAD
    edited = _with_entries(text, new)
    try:
        held = _parsed(yamlload.load(edited, str(path), text_keys=_KEYS))
    except UsageError:
        held = NO_ALIASES
    if set(held.same) != {*before.same, *new} or held.never != before.never:
        entry = f"- {{company: {_quoted(new[0][0])}, customer: {_quoted(new[0][1])}}}"
        raise UsageError(
            f"{path} is laid out in a way that cannot be added to safely",
            hint=f"Write `same` as a list with one entry a line, or add by hand: {entry}",
        )
    write_over(path, edited, make_folder=True)
    return len(new)


def _parsed(located: yamlload.Located) -> Aliases:
    data = located.data
    if data is None:
        return NO_ALIASES
    if not isinstance(data, dict):
        raise located.error("an alias file holds `same:` and `never:`")
    for key in data:
        if key not in _SECTIONS:
            raise located.error(f"unknown key '{key}'", (key,), key=True, hint="Known: same, never.")
    same, never = (_pairs(located, data.get(section), section) for section in _SECTIONS)
    return Aliases(same, never)


def _pairs(located: yamlload.Located, entries: Any, section: str) -> tuple[tuple[str, str], ...]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise located.error(f"`{section}` must be a list", (section,))
    pairs = []
    for index, entry in enumerate(entries):
        place = (section, index)
        if not isinstance(entry, dict) or set(entry) != set(_KEYS):
            raise located.error("an entry has two keys: company and customer", place)
        for key in _KEYS:
            if not isinstance(entry[key], str) or not entry[key].strip():
                raise located.error(f"`{key}` must be a name", (*place, key))
        pairs.append((entry["company"].strip(), entry["customer"].strip()))
    return tuple(pairs)


def _with_entries(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """``text`` with pairs at the end of ``same``, in the indentation found there."""
    import yaml

    newline = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    section = None
    if isinstance(root, yaml.MappingNode):
        section = next((value for key, value in root.value if key.value == "same"), None)
    lines = text.splitlines()
    if section is None:
        added = ["same:", *_entries(pairs, "")]
        return newline.join([*lines, *added]) + newline
    if isinstance(section, yaml.SequenceNode) and section.value and not section.flow_style:
        last = section.value[-1].end_mark
        at = last.line + 1 if last.column else last.line
        while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
            at -= 1
        indent = " " * section.start_mark.column
    else:
        mark = section.start_mark
        at = mark.line + 1
        lines[mark.line] = lines[mark.line][: mark.column].rstrip()
        indent = ""
    return newline.join([*lines[:at], *_entries(pairs, indent), *lines[at:]]) + newline


def _entries(pairs: Sequence[tuple[str, str]], indent: str) -> list[str]:
    return [
        line
        for company, customer in pairs
        for line in (
            f"{indent}- company: {_quoted(company)}",
            f"{indent}  customer: {_quoted(customer)}",
        )
    ]


def _quoted(text: str) -> str:
    """Text as YAML in double quotes; JSON's way of quoting is YAML's too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")
