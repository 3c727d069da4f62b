"""What calls with many rows have alike: whom a row means, and keys that come twice."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tests.simulators.salesforce.errors import (
    SalesforceError,
    invalid_reference,
    is_deleted,
)
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.store import Record

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

Row = Mapping[str, Any]


def target(org: "Org", object_name: str, given: Any) -> Record:
    """The live record that a row names by id. SalesforceError for none, a wrong or a dead one."""
    record_id = long_form(str(given or ""))
    kind = org.catalogue.get(object_name)
    if record_id is None or kind is None:
        message = "Id not specified in an update call" if not given else f"malformed id {given}"
        code = "MISSING_ARGUMENT" if not given else "MALFORMED_ID"
        raise SalesforceError(400, code, message, fields=["Id"])
    record = org.store.get(kind.name, record_id)
    if record is None:
        raise invalid_reference()
    if record.deleted_at is not None:
        raise is_deleted()
    return record


def key_value(row: Row, key: Field) -> Any:
    """The value of a key in a row, whose names are in any case."""
    for name, value in row.items():
        if name.lower() == key.name.lower():
            return value
    return None


def repeated(rows: Iterable[Row], key: Field) -> set[str]:
    """The keys, as ``comparable`` makes them, that several rows have."""
    counts = Counter(comparable(key_value(row, key)) for row in rows)
    return {value for value, count in counts.items() if value and count > 1}


def comparable(value: Any) -> str:
    """A key as Salesforce compares it."""
    return "" if value is None else str(value).strip().lower()


def key_came_twice(value: Any, key: Field) -> SalesforceError:
    """Two rows of one request have the same key: both fail."""
    message = f"Duplicate external id specified: {value}"
    return SalesforceError(400, "DUPLICATE_VALUE", message, fields=[key.name])
