"""HubSpot lists, and whether one can say who syncs (facts: native 3.2)."""

from dataclasses import dataclass

from shared.kernel.records import ObjectType

ACTIVE = "DYNAMIC"


@dataclass(frozen=True, slots=True)
class HubSpotList:
    """One list; `object_type` is None for types that do not sync.

    `processing` is HubSpot's word (DYNAMIC, MANUAL, SNAPSHOT); `size` is None where HubSpot does
    not say.
    """

    id: str
    name: str
    object_type: ObjectType | None
    processing: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a list cannot be an inclusion list, and what to do."""

    what: str
    fix: str


def unusable(found: HubSpotList | None, object_type: ObjectType) -> Unusable | None:
    """Whether a list can be the inclusion list of a type; None when it can."""
    if found is None:
        return Unusable(
            "HubSpot has no such list, or it was deleted.",
            "Restore it in HubSpot (for 90 days after its deletion), or choose another one.",
        )
    if found.object_type is not object_type:
        what = f"The list {found.name} holds other records than {PLURAL[object_type]}."
        return Unusable(what, f"Choose a list of {PLURAL[object_type]}.")
    if found.processing != ACTIVE:
        return Unusable(
            f"The list {found.name} is static: its members do not change as records do.",
            "Choose an active list, or make one with the same filters in HubSpot.",
        )
    return None


PLURAL = {
    ObjectType.CONTACT: "contacts",
    ObjectType.COMPANY: "companies",
    ObjectType.DEAL: "deals",
    ObjectType.TASK: "tasks",
}
