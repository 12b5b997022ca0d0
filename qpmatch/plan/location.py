"""Where runs keep their journals, undo plans and locks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qpmatch.errors import ConfigError

_VARIABLE = "QPMATCH_STATE"


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The state folder and its rooms; nothing is made before it is needed."""

    path: Path

    @property
    def journals(self) -> Path:
        """One JSON Lines file per run."""
        return self.path / "journal"

    @property
    def undo(self) -> Path:
        """One undo plan per run."""
        return self.path / "undo"

    @property
    def locks(self) -> Path:
        """One lock file per tenant."""
        return self.path / "locks"

    def room(self, path: Path) -> Path:
        """Make one of the folders above, for its owner alone. Raises ``ConfigError`` when that fails."""
        try:
            for folder in (self.path, path):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _refuse_strangers(folder)
        except OSError as error:
            raise ConfigError(
                f"the state folder {path} cannot be used: {error.strerror or error}",
                hint=f"{_VARIABLE} names another one",
            ) from error
        return path


def _refuse_strangers(folder: Path) -> None:
    """Another user's folder could hold planted journals, or links to lead our writes astray."""
    if os.name != "posix":
        return
    owner, me = folder.stat().st_uid, os.geteuid()
    if owner not in (me, 0) and me != 0:
        raise ConfigError(
            f"the state folder {folder} belongs to another user (uid {owner})",
            hint=f"{_VARIABLE} names another one",
        )


def state_folder(environ: Mapping[str, str]) -> StateFolder:
    """The folder that ``QPMATCH_STATE`` names, else the platform's folder for state."""
    if chosen := environ.get(_VARIABLE):
        return StateFolder(Path(chosen).expanduser())
    from platformdirs import user_state_path

    return StateFolder(user_state_path("qpmatch", appauthor=False))
