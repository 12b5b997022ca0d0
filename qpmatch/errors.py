"""One tree of errors: each class carries the code of SPEC 5, its exit code and, where one exists, a hint."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells the shell (SPEC 5; the README's table is compared with this enum)."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    PENDING = 3
    REFUSED = 4
    PARTIAL = 5
    CREDENTIALS = 6
    UNREACHABLE = 7
    INTERRUPTED = 130


class QpmatchError(Exception):
    """Base of every error the program reports: what failed, on which item, and what to do next."""

    code = "unexpected"
    exit_code = ExitCode.UNEXPECTED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(QpmatchError):
    """The command line or the environment asks for something that makes no sense."""

    code = "usage"
    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """``config.yaml`` or an environment variable holds something that cannot be used."""

    code = "config"


class RefError(UsageError):
    """A ref names no company or customer, or more than one."""

    code = "unknown_ref"


class PlanError(UsageError):
    """A plan file cannot be used as it stands; the message ends with file, line and column."""

    code = "plan"


class FileError(UsageError):
    """A file that was named cannot be read or written where it is."""

    code = "file"


class RefusedError(QpmatchError):
    """A matching rule, a stale plan or a safety limit says no; nothing was sent."""

    code = "refused"
    exit_code = ExitCode.REFUSED


class LockedError(RefusedError):
    """Another run is changing the same tenant."""

    code = "locked"


class CredentialsError(QpmatchError):
    """No credentials, wrong ones, or an account without the role."""

    code = "credentials"
    exit_code = ExitCode.CREDENTIALS


class DatacentreError(QpmatchError):
    """The datacentre could not be reached, kept failing, or answered what nobody can read.

    ``sent`` tells whether a write may have reached the server (WIRE.md: read back, then decide).
    """

    code = "datacentre"
    exit_code = ExitCode.UNREACHABLE

    def __init__(self, message: str, *, hint: str | None = None, sent: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class RouteMissingError(DatacentreError):
    """The datacentre answers 404 on a route that is only assumed to exist (WIRE.md)."""

    code = "route_missing"


class IncompleteListError(DatacentreError):
    """A list did not come out at the total that the server announced (R10)."""

    code = "incomplete_list"
