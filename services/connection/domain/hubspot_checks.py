"""The HubSpot half of a pre-flight."""

from collections.abc import Collection

from services.connection.domain.checklist import Item, Line, calls_item, no_calls_item, ordered
from services.connection.domain.connection import Connection, Grant
from services.connection.domain.features import HUBSPOT_SCOPES, Feature
from services.connection.domain.seen import HubSpotSeen
from shared.kernel.records import Side

CONNECT = "Connect HubSpot: POST /api/v1/connections/{id}/authorizations/hubspot gives the link."


def hubspot_items(
    connection: Connection,
    grant: Grant | None,
    features: Collection[Feature],
    seen: HubSpotSeen | None,
) -> list[Item]:
    """Scopes of each feature, the user's permission, and the calls of the day."""
    every = ordered(features)
    todo = CONNECT.format(id=connection.id)
    permission = _line("permission", "super admin or App Marketplace access; Account Access", every)
    calls = _line("calls", "API calls left today", every)
    scopes = [_scope_line(feature) for feature in every if feature in HUBSPOT_SCOPES]
    if grant is None or grant.broken_reason is not None or seen is None:
        lines = [permission, *scopes, calls]
        return [line.unknown("HubSpot is not connected.", todo) for line in lines]
    return [
        _permission(permission, seen),
        *(
            _scopes(line, grant.scopes, HUBSPOT_SCOPES[line.features[0]], connection)
            for line in scopes
        ),
        _calls(calls, seen),
    ]


def _line(key: str, right: str, features: tuple[Feature, ...]) -> Line:
    return Line(f"hubspot.{key}", Side.HUBSPOT, right, features)


def _scope_line(feature: Feature) -> Line:
    right = f"scopes {', '.join(HUBSPOT_SCOPES[feature])}"
    return _line(f"scopes.{feature.value}", right, (feature,))


def _permission(line: Line, seen: HubSpotSeen) -> Item:
    """HubSpot tells no app what its user may do; that the user could install it is the proof."""
    if seen.trouble is not None and not seen.trouble.refused:
        return line.unanswered(seen.trouble)
    if seen.trouble is not None:
        todo = "Let a super admin connect HubSpot again."
        return line.failed(f"HubSpot refused to show the account: {seen.trouble.text}", todo)
    kind = f" ({seen.account_type})" if seen.account_type else ""
    return line.passed(
        f"The app is installed in account {seen.portal_id}{kind}, which HubSpot allows such users "
        "only."
    )


def _scopes(
    line: Line, granted: frozenset[str], wanted: Collection[str], connection: Connection
) -> Item:
    if not granted:
        todo = "See the connected apps in HubSpot (Settings > Integrations)."
        return line.unknown("HubSpot did not say which scopes it granted.", todo)
    missing = sorted(set(wanted) - granted)
    if not missing:
        return line.passed("All of them are granted.")
    todo = (
        "Add them to the app's settings, then have a super admin connect again: POST "
        f"/api/v1/connections/{connection.id}/authorizations/hubspot."
    )
    return line.failed(f"Not granted: {', '.join(missing)}.", todo)


def _calls(line: Line, seen: HubSpotSeen) -> Item:
    if seen.trouble is not None:
        return no_calls_item(line, seen.trouble)
    if seen.calls is None:
        todo = "Nothing to do; Causeway keeps to the limits per ten seconds."
        return line.unknown("HubSpot publishes no daily count for this kind of app.", todo)
    return calls_item(line, seen.calls, "HubSpot's API Limit Increase.")
