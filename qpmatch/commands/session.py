"""One run of a command: its settings, its datacentre on demand, and where its output goes."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

from qpmatch.errors import UsageError
from qpmatch.output.printable import printable
from qpmatch.output.progress import ProgressBars
from qpmatch.output.settings import OutputSettings
from qpmatch.output.view import View
from qpmatch.runtime import Runtime

if TYPE_CHECKING:
    from qpmatch.api.interface import Datacentre
    from qpmatch.config import Settings
    from qpmatch.models import Tenant


class Connection:
    """One profile's datacentre: opened when first asked for, closed with its session."""

    def __init__(self, settings: Settings, session: Session) -> None:
        self.settings = settings
        self._session = session

    @cached_property
    def datacentre(self) -> Datacentre:
        """The datacentre of this profile; nothing is sent before it is asked something."""
        from qpmatch.connect import open_tenant

        datacentre = open_tenant(
            self.settings, self._session.runtime.environ, ask_code=self._session.ask_code
        )
        self._session.closing.callback(datacentre.close)
        return datacentre

    def read(self) -> Tenant:
        """Every company, customer and link, from the sources that the profile names."""
        tenant = self.datacentre.read(self._session.progress)
        self._session.progress.close()
        for note in self.datacentre.notes:
            self._session.note(note)
        return tenant


class Session:
    """What the shared options of :mod:`qpmatch.commands.options` come to."""

    def __init__(self, runtime: Runtime, given: Mapping[str, Any]) -> None:
        self.runtime = runtime
        self.given = dict(given)
        self._fallback_region: str | None = None
        self.closing = contextlib.ExitStack()

    @classmethod
    @contextlib.contextmanager
    def start(cls, runtime: Runtime | None, given: Mapping[str, Any]) -> Iterator[Session]:
        """A session for the time of one command; ``runtime`` is the process unless a test gives one."""
        session = cls(runtime or Runtime(), given)
        with session.closing:
            session.closing.enter_context(session._logging())
            session.closing.callback(session.progress.close)
            yield session

    @cached_property
    def output(self) -> OutputSettings:
        """How to print: option, then environment, then default."""
        return OutputSettings.of(self.given, self.runtime.environ)

    @cached_property
    def progress(self) -> ProgressBars:
        """The bar on stderr, on a terminal only."""
        return ProgressBars(self.runtime.stderr, shown=self.runtime.stderr.isatty() and not self.output.quiet)

    def choose(self, *, fallback_region: str | None = None, **options: object) -> None:
        """Add what a command's own options say, before the first connection is made.

        ``fallback_region`` is where to go when nobody names a place: the region that a plan was made for.
        """
        self.given |= options
        self._fallback_region = fallback_region

    @cached_property
    def connections(self) -> list[Connection]:
        """One connection for every profile asked for, at least one."""
        from qpmatch.config import resolve

        return [
            Connection(
                resolve(
                    self.given | {"profile": name},
                    self.runtime.environ,
                    fallback_region=self._fallback_region,
                ),
                self,
            )
            for name in self.given["profile"] or [None]
        ]

    @property
    def connection(self) -> Connection:
        """The only connection, for commands that change something or speak of one tenant."""
        if len(self.connections) > 1:
            raise UsageError(
                "this command works on one profile at a time",
                hint="name one --profile; only list and suggest take several",
            )
        return self.connections[0]

    @property
    def profiled(self) -> bool:
        """Whether records carry their profile: several were asked for."""
        return len(self.connections) > 1

    @contextlib.contextmanager
    def _logging(self) -> Iterator[None]:
        """Show the program's log on stderr: with -v its steps, with -vv each request."""
        logger = logging.getLogger("qpmatch")
        handler = logging.StreamHandler(self.runtime.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.output.verbose, 2)]
        before = logger.level, logger.propagate
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before[0])
            logger.propagate = before[1]

    @property
    def ask_code(self) -> Callable[[], str] | None:
        """Asks a person for an MFA code, unseen; ``None`` when there is nobody to ask."""
        return self._prompt_for_code if self.runtime.interactive else None

    def _prompt_for_code(self) -> str:
        self.progress.close()
        code: str = typer.prompt("MFA code", hide_input=True, err=True)
        return code

    def show(self, view: View) -> None:
        """Print the command's data on stdout."""
        from qpmatch.output.render import render

        self.progress.close()
        self.runtime.write(render(view, self.output.format, width=self.runtime.width))

    def note(self, text: str) -> None:
        """Say something beside the data, on stderr."""
        if not self.output.quiet:
            self.progress.close()
            self.runtime.say(printable(text))
