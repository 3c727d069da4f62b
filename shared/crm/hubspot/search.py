"""Searches: filters, one sort, pages, and the walls that HubSpot has built around them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.paths import Paths
from shared.crm.hubspot.records import HubSpotRecord, record_of
from shared.crm.transport import CallKind, Transport

MAX_PAGE = 200
MAX_RESULTS = 10_000
MAX_GROUPS = 5
MAX_FILTERS_IN_GROUP = 6
MAX_FILTERS = 18
MAX_BODY_CHARACTERS = 3000


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. IN and NOT_IN take `values` (lower case), BETWEEN `value` to `high_value`."""

    property: str
    operator: str
    value: str | None = None
    values: tuple[str, ...] = ()
    high_value: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page; `next_after` is None on the last. `total` is HubSpot's estimate."""

    records: tuple[HubSpotRecord, ...]
    next_after: str | None
    total: int


async def search(
    transport: Transport,
    paths: Paths,
    object_name: str,
    *,
    filters: Sequence[Sequence[Filter]],
    properties: Collection[str],
    sort: str | None,
    limit: int,
    after: str | None,
) -> SearchPage:
    """See HubSpotClient.search."""
    body = _body(filters, properties, sort, limit)
    if after is not None:
        _check_wall(after)
        body["after"] = after
    _check_size(filters, limit, body)
    path = paths.objects(object_name, "search")
    response = await transport.request("POST", path, json=body, kind=CallKind.SEARCH)
    found = object_of(response)
    total = found.get("total")
    return SearchPage(
        records=tuple(record_of(result) for result in members(found, "results")),
        next_after=text(member(member(found, "paging"), "next"), "after") or None,
        total=total if isinstance(total, int) else 0,
    )


def _body(
    filters: Sequence[Sequence[Filter]], properties: Collection[str], sort: str | None, limit: int
) -> Json:
    body: Json = {
        "filterGroups": [{"filters": [_condition(one) for one in group]} for group in filters],
        "properties": list(properties),
        "limit": limit,
    }
    if sort is not None:
        direction = "DESCENDING" if sort.startswith("-") else "ASCENDING"
        body["sorts"] = [{"propertyName": sort.removeprefix("-"), "direction": direction}]
    return body


def _condition(one: Filter) -> Json:
    sent: Json = {"propertyName": one.property, "operator": one.operator}
    if one.value is not None:
        sent["value"] = one.value
    if one.values:
        sent["values"] = list(one.values)
    if one.high_value is not None:
        sent["highValue"] = one.high_value
    return sent


def _check_wall(after: str) -> None:
    if after.isdigit() and int(after) >= MAX_RESULTS:
        raise CrmFatalError(
            f"A HubSpot search ends after {MAX_RESULTS} results. Start again from the last time "
            "that was seen.",
            code="search_window_exceeded",
        )


def _check_size(filters: Sequence[Sequence[Filter]], limit: int, body: Json) -> None:
    """Limits of facts: hubspot-api 5; HubSpot's own refusals would cost a call each."""
    counts = [len(group) for group in filters]
    too_many = (
        len(counts) > MAX_GROUPS
        or max(counts, default=0) > MAX_FILTERS_IN_GROUP
        or sum(counts) > MAX_FILTERS
        or not 1 <= limit <= MAX_PAGE
        or len(msgspec.json.encode(body).decode()) > MAX_BODY_CHARACTERS
    )
    if too_many:
        raise CrmFatalError(
            f"HubSpot searches take {MAX_GROUPS} groups of {MAX_FILTERS_IN_GROUP} filters, "
            f"{MAX_FILTERS} in all, {MAX_PAGE} results a page and a request of "
            f"{MAX_BODY_CHARACTERS} characters. Ask for less in one search.",
            code="search_too_large",
        )
