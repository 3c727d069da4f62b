"""What a CRM tells of a change, before ingress makes an event of it."""

from collections.abc import Mapping as Map
from dataclasses import dataclass

from shared.kernel.records import ObjectType, Side


@dataclass(frozen=True, slots=True)
class News:
    """One change of one record: the changed values, and whether the integration made it."""

    side: Side
    record_id: str
    kind: str
    fields: Map[str, object]
    ours: bool
    merged_ids: tuple[str, ...] = ()
    object_type: ObjectType = ObjectType.CONTACT
