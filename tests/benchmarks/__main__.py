"""Run the benchmarks, which print and assert nothing: ``python -m tests.benchmarks [--only names]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks import names, speed

_SECTIONS: dict[str, Callable[[], Iterator[str]]] = {"names": names.report, "speed": speed.report}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=_SECTIONS, help="run one section")
    only = parser.parse_args().only
    for section, report in _SECTIONS.items():
        if only in (None, section):
            for line in report():
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
