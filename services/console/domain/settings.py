"""The settings of a connection, to be read through before the sync starts."""

from dataclasses import dataclass

from services.console.domain.answers import Json, child, items, mapping, text, truth, whole


@dataclass(frozen=True, slots=True)
class Mapping:
    """One HubSpot property joined to one Salesforce field."""

    hubspot_property: str
    salesforce_field: str
    salesforce_objects: str
    rule: str
    value_type: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The newest version; `daily_salesforce_calls` is None where the admin set no number."""

    version: int
    create_in_hubspot: bool
    create_in_salesforce: str
    undecidable: str
    tasks_to_hubspot: bool
    tasks_to_salesforce: bool
    timeline_events: tuple[str, ...]
    daily_salesforce_calls: int | None
    mappings: tuple[Mapping, ...]


def settings_of(answer: object) -> Settings | None:
    """The settings as the mapping service tells them; None before the first choice."""
    json = child(mapping(answer), "settings")
    if not json:
        return None
    contacts, activities = child(json, "contacts"), child(json, "activities")
    return Settings(
        version=whole(json, "version") or 0,
        create_in_hubspot=truth(contacts, "create_in_hubspot"),
        create_in_salesforce=text(contacts, "create_in_salesforce"),
        undecidable=text(contacts, "undecidable"),
        tasks_to_hubspot=truth(activities, "salesforce_tasks_to_hubspot"),
        tasks_to_salesforce=truth(activities, "hubspot_tasks_to_salesforce"),
        timeline_events=_texts(activities.get("timeline_events")),
        daily_salesforce_calls=whole(json, "daily_salesforce_calls"),
        mappings=tuple(_mapping(item) for item in items(json.get("mappings"))),
    )


def _mapping(json: Json) -> Mapping:
    return Mapping(
        hubspot_property=text(json, "hubspot_property"),
        salesforce_field=text(json, "salesforce_field"),
        salesforce_objects=", ".join(_texts(json.get("salesforce_objects"))),
        rule=text(json, "rule"),
        value_type=text(json, "value_type"),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
