"""Runs the program in processes of their own and kills them, as ``kill -9`` or a power cut would.

``python -m tests.faults.crashing FOLDER POINT...`` does so for each POINT, a number of hooks passed, and
prints one JSON object a line on what came of it. Without a point it prints the hooks that an undisturbed run
passes. Hooks stand before and after every request, and before, half-way into and after every write to the
journal and to the undo plan.

Processes are forked from one that has imported everything and runs no thread: a start costs milliseconds.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer.main

from qpmatch import files
from qpmatch.api.transport import Call, Transport
from qpmatch.cli import app
from qpmatch.plan.journal import Journal
from tests.world import World

NEVER = -1

COMMAND = typer.main.get_command(app)


class Hooks:
    """Counts the hooks that are passed, writes their names down, and kills the process at one."""

    def __init__(self, fatal: int, log: Path) -> None:
        self._fatal = fatal
        self._log = log.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._count = 0

    def passed(self, name: str) -> None:
        """One more."""
        with self._lock:
            self._log.write(name + "\n")
            self._log.flush()
            if self._count == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self._count += 1

    def around_requests(self) -> None:
        """Stand before and after every request."""
        send = Transport.send

        def hooked(transport: Transport, call: Call) -> Any:
            self.passed(f"before {call.label}")
            answer = send(transport, call)
            self.passed(f"after {call.label}")
            return answer

        setattr(Transport, "send", hooked)  # noqa: B010 - a method, in a process of its own

    def around_journal(self) -> None:
        """Stand before, in and after every write to the journal: what is half written is torn."""
        write = Journal._write

        def hooked(journal: Journal, events: list[dict[str, Any]]) -> None:
            name = f"journal {events[0]['event']}" if events else "journal nothing"
            self.passed(f"before {name}")
            raw = journal._file.write

            def torn(data: bytes) -> int:
                first = raw(data[: len(data) // 2])
                self.passed(f"in {name}")
                return first + raw(data[len(data) // 2 :])

            with _replaced(journal, "_file", _Writer(journal._file, torn)):
                write(journal, events)
            self.passed(f"after {name}")

        setattr(Journal, "_write", hooked)  # noqa: B010 - a method, in a process of its own

    def around_undo(self) -> None:
        """Stand before, in and after every write of a whole file."""
        write = files._write_through

        def hooked(path: Path, data: bytes, mode: int) -> None:
            self.passed("before file")
            write(path, data[: len(data) // 2], mode)
            self.passed("in file")
            path.unlink()
            write(path, data, mode)
            self.passed("after file")

        files._write_through = hooked


class _Writer:
    """A file whose ``write`` is another one."""

    def __init__(self, file: Any, write: Callable[[bytes], int]) -> None:
        self._file = file
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Any:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def run(folder: Path, *words: str, fatal: int = NEVER) -> tuple[int, str]:
    """The exit code (negative: the signal) and the output of one command, in a process of its own."""
    out = folder / "stdout"
    child = os.fork()
    if not child:
        _become(folder, out, [*words], fatal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), out.read_text(encoding="utf-8")


def _become(folder: Path, out: Path, words: list[str], fatal: int) -> None:
    code = 99
    try:
        _settle_in(folder)
        for stream, path in ((1, out), (2, folder / "stderr")):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        hooks = Hooks(fatal, folder / "hooks")
        hooks.around_requests()
        hooks.around_journal()
        hooks.around_undo()
        COMMAND.main(words)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 98
        sys.stdout.flush()
    finally:
        os._exit(code)


def _settle_in(folder: Path) -> None:
    os.chdir(folder)
    os.environ.update(
        QPMATCH_STATE=str(folder / "state"),
        QPMATCH_CONFIG=str(folder / "config.yaml"),
        QPMATCH_SANDBOX=str(folder / "sandbox.sqlite3"),
        QPMATCH_JOB_WAIT="0.4",
    )


def _warm_up(template: Path) -> None:
    """Import and build once what every run needs; its threads are gone before the first fork."""
    _settle_in(template)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        COMMAND.main(["confirm", "plan.yaml", "--dry-run", "--quiet", "-o", "json"])
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()


def _fresh(template: Path, folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    for name in ("sandbox.sqlite3", "plan.yaml"):
        shutil.copy(template / name, folder / name)
    return folder


def state(folder: Path) -> dict[str, Any]:
    """What the server holds, by name: a created customer has another id each time."""
    world = World(folder / "sandbox.sqlite3")
    return {
        "links": world.named_links,
        "customers": sorted(world.customers.values()),
        "many_to_many": world.many_to_many,
    }


def _last_hook(folder: Path) -> str:
    passed = (folder / "hooks").read_text(encoding="utf-8").splitlines()
    if not passed:
        raise RuntimeError((folder / "stderr").read_text(encoding="utf-8"))
    return passed[-1]


CONFIRM = ("confirm", "plan.yaml", "--yes", "-o", "json")


def crash_and_finish(template: Path, point: int) -> dict[str, Any]:
    """Kill ``confirm`` at a point; what the next run of the same plan says and leaves."""
    folder = _fresh(template, template / f"finish-{point}")
    killed, _ = run(folder, *CONFIRM, fatal=point)
    at = _last_hook(folder)
    between = state(folder)
    code, out = run(folder, *CONFIRM)
    return {
        "point": point,
        "at": at,
        "killed": killed == -signal.SIGKILL,
        "between": between,
        "code": code,
        "out": out,
        "err": (folder / "stderr").read_text(encoding="utf-8"),
        **state(folder),
    }


def crash_and_undo(template: Path, point: int) -> dict[str, Any]:
    """Kill ``confirm`` at a point; what the undo plan that it had written ahead says and leaves."""
    folder = _fresh(template, template / f"undo-{point}")
    killed, _ = run(folder, *CONFIRM, fatal=point)
    at = _last_hook(folder)
    plans = sorted((folder / "state" / "undo").glob("*.yaml"))
    code, out = run(folder, "confirm", str(plans[0]), "--yes", "-o", "json") if plans else (0, "")
    return {
        "point": point,
        "at": at,
        "killed": killed == -signal.SIGKILL,
        "code": code,
        "out": out,
        "err": (folder / "stderr").read_text(encoding="utf-8"),
        **state(folder),
    }


def main() -> None:
    template, *points = sys.argv[1:]
    folder = Path(template)
    _warm_up(folder)
    if not points:
        undisturbed = _fresh(folder, folder / "undisturbed")
        code, out = run(undisturbed, *CONFIRM)
        hooks = (undisturbed / "hooks").read_text(encoding="utf-8").splitlines()
        _print({"code": code, "out": out, "hooks": hooks, **state(undisturbed)})
    for word in points:
        action, _, point = word.partition(":")
        _print({"finish": crash_and_finish, "undo": crash_and_undo}[action](folder, int(point)))


def _print(record: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
