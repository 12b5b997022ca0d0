"""How to print: option, then environment, then default (SPEC 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qpmatch.errors import ConfigError
from qpmatch.output.view import Format

_FLAGS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """The format, and how much is said beside the data; ``verbose`` counts the ``-v``."""

    format: Format = Format.TABLE
    quiet: bool = False
    verbose: int = 0

    @classmethod
    def of(cls, given: Mapping[str, Any], environ: Mapping[str, str]) -> OutputSettings:
        """From the options and ``QPMATCH_OUTPUT``, ``QPMATCH_QUIET``, ``QPMATCH_VERBOSE``.

        Raises ``ConfigError`` for a variable that cannot be used.
        """
        return cls(
            format=given["output"] or _format(environ.get("QPMATCH_OUTPUT")),
            quiet=given["quiet"] or _flag("QPMATCH_QUIET", environ),
            verbose=given["verbose"] or _count("QPMATCH_VERBOSE", environ),
        )


def _format(value: str | None) -> Format:
    if not value:
        return Format.TABLE
    if value not in list(Format):
        raise ConfigError(f"QPMATCH_OUTPUT is {value!r}", hint=f"it may be {', '.join(Format)}")
    return Format(value)


def _flag(name: str, environ: Mapping[str, str]) -> bool:
    value = environ.get(name, "")
    if not value:
        return False
    if value.casefold() not in _FLAGS:
        raise ConfigError(f"{name} is {value!r}", hint="it may be 1 or 0")
    return _FLAGS[value.casefold()]


def _count(name: str, environ: Mapping[str, str]) -> int:
    value = environ.get(name, "")
    if not value:
        return 0
    if not value.isdecimal():
        raise ConfigError(f"{name} is {value!r}", hint="it may be 0, 1 or 2")
    return int(value)
