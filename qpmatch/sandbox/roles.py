"""The dashboard's roles (WIRE.md, Roles and accounts)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Primary and Super may do everything, Manager reads, Engineer and Helpdesk see no integrations."""

    PRIMARY = "primary"
    SUPER = "super"
    MANAGER = "manager"
    ENGINEER = "engineer"
    HELPDESK = "helpdesk"
