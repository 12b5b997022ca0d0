"""The JSON Schema of a plan file, for editors: packaged, printed by ``qpmatch plan schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCHEMA_NAME = "qpmatch-plan.schema.json"
"""What the schema is called in a folder of plans: ``qpmatch plan schema > qpmatch-plan.schema.json``."""

PACKAGED = Path(__file__).with_name("plan.schema.json")
"""The copy that comes with the program."""


def json_schema() -> dict[str, Any]:
    """The schema, made from the model."""
    from qpmatch.plan.model import Plan

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Plan.model_json_schema(),
        "title": "qpmatch plan",
    }


def schema_reference(folder: Path) -> str:
    """Where a plan in ``folder`` finds its schema: beside it where somebody put one, else in the package.

    A relative name goes with the plan to a colleague's machine; the package's own copy always exists.
    """
    return SCHEMA_NAME if (folder / SCHEMA_NAME).exists() else PACKAGED.as_uri()
