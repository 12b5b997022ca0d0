"""Files that people keep, written whole or not at all: beside their place, flushed, then moved there."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from qpmatch.errors import FileError

SHARED = 0o666
"""Mode of a file for everybody whom the umask lets (a plan in a repository)."""

PRIVATE = 0o600
"""Mode of a file for its owner alone (state)."""


def write_new(path: Path, text: str, *, mode: int = SHARED) -> None:
    """Make a file. Raises ``FileError`` when something is there already, or it cannot be written."""
    _write(path, text, mode=mode, overwrite=False)


def write_over(path: Path, text: str, *, mode: int = SHARED, make_folder: bool = False) -> None:
    """Make a file or replace one, which keeps its mode. Raises ``FileError`` when that cannot be done.

    A symbolic link is never followed and never replaced. ``make_folder`` makes the file's folder too.
    """
    with contextlib.suppress(OSError, ValueError):
        mode = path.lstat().st_mode & 0o777
    _write(path, text, mode=mode, overwrite=True, make_folder=make_folder)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file with its line ends as they are. Raises ``FileError``."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {_why(error)}") from error


def _write(path: Path, text: str, *, mode: int, overwrite: bool, make_folder: bool = False) -> None:
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            raise FileError(
                f"{path} is a symbolic link, which is not written through", hint="name its target"
            )
        if path.is_dir():
            raise FileError(f"{path} is a folder", hint="name a file in it")
        if not overwrite and path.exists():
            raise _in_the_way(path)
        temporary = path.parent / f".qpmatch-{secrets.token_hex(6)}.tmp"
        try:
            _write_through(temporary, text.encode("utf-8"), mode)
            if overwrite:
                temporary.replace(path)
            else:
                _move_to_free(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
    except (OSError, ValueError) as error:
        raise FileError(
            f"{path} cannot be written: {_why(error)}",
            hint="name a file in a folder that exists, may be written to and has space",
        ) from error


def _write_through(path: Path, data: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123 - mode
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _move_to_free(temporary: Path, path: Path) -> None:
    """Give the file its name unless somebody took it meanwhile, where the file system can tell."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise _in_the_way(path) from error
    except OSError:  # no hard links here (FAT, some network shares)
        temporary.replace(path)


def _in_the_way(path: Path) -> FileError:
    return FileError(f"{path} exists already", hint="--force overwrites it; or name another file")


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder last through a power cut, where the operating system offers that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
