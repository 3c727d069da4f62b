"""What Causeway asks for on each side, and why (facts: hubspot-api §1, salesforce-api §1.7)."""

from shared.kernel.records import Side

HUBSPOT_SCOPE_REASONS: dict[str, str] = {
    "oauth": "every HubSpot app needs it; it also lets us read which portal was connected",
    "crm.objects.contacts.read": "read contacts; covers tasks, notes, calls and meetings as well",
    "crm.objects.contacts.write": "write contacts and tasks",
    "crm.objects.companies.read": "read the companies around contacts",
    "crm.objects.companies.write": "write the companies around contacts",
    "crm.objects.deals.read": "read the deals around contacts, and deal pipelines",
    "crm.objects.deals.write": "write the deals around contacts",
    "crm.schemas.contacts.read": "offer contact properties for mapping",
    "crm.schemas.contacts.write": "create the causeway_key and the mapped contact properties",
    "crm.schemas.companies.read": "offer company properties for mapping",
    "crm.schemas.companies.write": "create the causeway_key and the mapped company properties",
    "crm.schemas.deals.read": "offer deal properties for mapping",
    "crm.schemas.deals.write": "create the causeway_key and the mapped deal properties",
    "crm.objects.owners.read": "match HubSpot owners with Salesforce users",
}

HUBSPOT_OPTIONAL_REASONS: dict[str, str] = {
    "crm.lists.read": "offer HubSpot lists as the inclusion list of contacts",
}
"""What only some features need: a portal that cannot grant it is connected all the same, and the
pre-flight says what is missing. The app has to know them as optional scopes."""

SALESFORCE_SCOPE_REASONS: dict[str, str] = {
    "api": "read and write records, deploy the package",
    "refresh_token": "go on without a person at the keyboard",
    "id": "read which org and which user were connected",
}

# What an answer may call a scope that we asked for: `refresh_token` is also `offline_access`,
# and `full` holds everything but the refresh token.
SALESFORCE_EQUIVALENTS: dict[str, frozenset[str]] = {
    "api": frozenset({"api", "full"}),
    "refresh_token": frozenset({"refresh_token", "offline_access"}),
    "id": frozenset({"id", "openid", "full"}),
}


def scopes_for(side: Side) -> tuple[str, ...]:
    """The scopes to ask for, in a stable order."""
    return tuple(HUBSPOT_SCOPE_REASONS if side is Side.HUBSPOT else SALESFORCE_SCOPE_REASONS)


def missing_scopes(side: Side, granted: frozenset[str]) -> tuple[str, ...]:
    """What was asked for and not granted; nothing when the answer named no scopes at all.

    HubSpot drops in silence what a portal or a user cannot grant, so every answer is read.
    """
    if not granted:
        return ()
    return tuple(
        scope
        for scope in scopes_for(side)
        if granted.isdisjoint(SALESFORCE_EQUIVALENTS.get(scope, {scope}))
    )
