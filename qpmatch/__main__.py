"""``python -m qpmatch`` and the console script."""

from __future__ import annotations

from qpmatch.cli import app


def main() -> None:
    """Run the command line; ends the process with an exit code of SPEC 5."""
    app(prog_name="qpmatch")


if __name__ == "__main__":
    main()
