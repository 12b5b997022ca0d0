"""The fields of Autotask's Company entity as the stand-in knows them (AUTOTASK.md B4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENTITY = "Company"

COMPANY_TYPES: Mapping[str, int] = {
    "Customer": 1,
    "Lead": 2,
    "Prospect": 3,
    "Dead": 4,
    "Cancelation": 6,
    "Vendor": 7,
    "Partner": 8,
}
"""Label -> id of the picklist ``companyType``; there is no 5."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type as Autotask names it, its length, and the SQL expression that gives its value."""

    name: str
    type: str
    sql: str = "NULL"
    length: int = 0
    required: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is compared as text, without case."""
        return self.type == "string"


_TYPE_ID = " ".join(f"WHEN '{label}' THEN {number}" for label, number in COMPANY_TYPES.items())

_FIELDS = (
    Field("id", "integer", "CAST(id AS INTEGER)", required=True),
    Field("companyName", "string", "name", 100, required=True),
    Field("companyNumber", "string", "number", 50),
    Field("companyType", "integer", f"CASE type {_TYPE_ID} END", required=True),
    Field("isActive", "boolean", "active"),
    Field("parentCompanyID", "integer", "CAST(parent_id AS INTEGER)"),
    Field("city", "string", "city", 50),
    Field("webAddress", "string", "web", 255),
    Field("ownerResourceID", "integer", "29682885", required=True),
    Field("phone", "string", "'555-0100'", 25, required=True),
    Field("classification", "integer"),
    Field("address1", "string", length=150),
    Field("address2", "string", length=150),
    Field("additionalAddressInformation", "string", length=100),
    Field("state", "string", length=40),
    Field("postalCode", "string", length=10),
    Field("countryID", "integer"),
    Field("alternatePhone1", "string", length=25),
    Field("alternatePhone2", "string", length=25),
    Field("fax", "string", length=25),
    Field("marketSegmentID", "integer"),
    Field("territoryID", "integer"),
    Field("taxID", "string", length=50),
    Field("createDate", "datetime"),
    Field("lastActivityDate", "datetime"),
    Field("lastTrackedModifiedDateTime", "datetime"),
)

FIELDS: Mapping[str, Field] = {field.name.lower(): field for field in _FIELDS}
"""Every field by its name in small letters: Autotask does not mind the case of a name."""


def value_of(field: Field, stored: Any) -> Any:
    """A stored value as Autotask sends it."""
    return bool(stored) if field.type == "boolean" else stored


def field_information() -> dict[str, Any]:
    """The answer of ``Companies/entityInformation/fields``; picklist values are strings."""
    return {"fields": [_information(field) for field in _FIELDS]}


def _information(field: Field) -> dict[str, Any]:
    picks = COMPANY_TYPES if field.name == "companyType" else {}
    return {
        "name": field.name,
        "dataType": field.type,
        "length": field.length,
        "isRequired": field.required,
        "isReadOnly": field.name == "id",
        "isQueryable": True,
        "isReference": field.name == "parentCompanyID",
        "referenceEntityType": ENTITY if field.name == "parentCompanyID" else "",
        "isPickList": bool(picks),
        "picklistValues": [
            {
                "value": str(number),
                "label": label,
                "isDefaultValue": False,
                "sortOrder": position,
                "parentValue": "",
                "isActive": True,
                "isSystem": True,
            }
            for position, (label, number) in enumerate(picks.items())
        ]
        or None,
        "picklistParentValueField": "",
        "isSupportedWebhookField": False,
    }
