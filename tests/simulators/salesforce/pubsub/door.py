"""The way in: who calls, and what may be asked for (facts: section 4.2)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.pubsub.refusals import (
    bad_headers,
    no_license,
    no_schema_named,
    no_such_schema,
    no_such_topic,
    no_topic_named,
    not_authenticated,
    unavailable,
)
from tests.simulators.salesforce.pubsub.schemas import SUPPORTED, EventSchema
from tests.simulators.salesforce.pubsub.selection import PLACE, SUFFIX

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

API_SCOPES = frozenset({"api", "full", "web"})


def enter(org: "Org", headers: Mapping[str, str]) -> str:
    """The id of the user who calls. RefusedError for wrong headers or a dead token."""
    if org.switches.pubsub_unavailable > 0:
        org.switches.pubsub_unavailable -= 1
        raise unavailable()
    address = urlsplit(headers.get("instanceurl", ""))
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise bad_headers("instanceurl")
    if headers.get("tenantid") != org.settings.org_id:
        raise bad_headers("tenantid")
    token = headers.get("accesstoken", "")
    if not token:
        raise bad_headers("accesstoken")
    session = org.grants.session(token, org.switches.session_timeout_seconds)
    if session is None or not API_SCOPES & set(session.scopes):
        raise not_authenticated()
    try:
        org.rights.check_api(session.user.id)
    except SalesforceError as problem:
        raise not_authenticated() from problem
    if not org.capture.licensed:
        raise no_license()
    return session.user.id


def existing_topic(org: "Org", name: str) -> str:
    """The name of a topic that exists. RefusedError otherwise."""
    if not name:
        raise no_topic_named()
    if not org.capture.selection.knows(name):
        raise no_such_topic(name)
    return name


def schema_of_topic(org: "Org", name: str) -> str:
    """The id of a topic's schema; empty for a channel, whose events have many."""
    found = name.removeprefix(PLACE).removesuffix(SUFFIX)
    return org.capture.schemas.of(found).id if found in SUPPORTED else ""


def existing_schema(org: "Org", schema_id: str) -> EventSchema:
    """A schema by its id. RefusedError when there is none."""
    if not schema_id:
        raise no_schema_named()
    found = org.capture.schemas.by_id(schema_id)
    if found is None:
        raise no_such_schema(schema_id)
    return found


def hidden_fields(org: "Org", object_name: str, user_id: str) -> frozenset[str]:
    """Names of the fields whose values the user may not see: events come without them."""
    kind = org.catalogue.get(object_name)
    seen = org.sight.object(object_name, user_id)
    if kind is None or seen is None:
        return frozenset()
    return frozenset(one.name for key, one in kind.fields.items() if key not in seen.fields)
