from uuid import UUID

import pytest

from services.connection.domain.attempt import digest
from services.connection.domain.connection import Connection, Facts, State
from services.connection.domain.failures import ConnectError
from services.connection.handlers.find import UnknownConnectionError, overviews
from services.connection.handlers.setup import new_ticket, open_link
from services.connection.handlers.tokens import BrokenError
from services.connection.ports import GrantDeadError
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRestored,
)
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.unit.connection.desk import Desk

ESTABLISHED = ConnectionEstablished(
    portal_id="62515",
    org_id="00D1",
    environment="production",
    instance_url="https://salesforce.example",
    hubspot_app_id="77",
    salesforce_user_id="0051",
)


async def code_of(desk: Desk, connection: Connection, side: Side) -> str:
    with pytest.raises(ConnectError) as caught:
        await desk.authorize(connection.id, side)
    return caught.value.code


async def test_both_grants_make_a_connection_and_it_is_announced_once() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    half = await desk.authorize(connection.id, Side.HUBSPOT)
    assert (half.state, half.portal_id, half.org_id) == (State.PENDING, "62515", None)
    assert desk.store.events() == []
    whole = await desk.authorize(connection.id, Side.SALESFORCE)
    assert (whole.state, whole.org_id, whole.salesforce_user_id) == (State.ACTIVE, "00D1", "0051")
    assert desk.store.events() == [ESTABLISHED]


async def test_the_order_of_the_sides_does_not_matter() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    await desk.authorize(connection.id, Side.SALESFORCE)
    await desk.authorize(connection.id, Side.HUBSPOT)
    assert desk.store.events() == [ESTABLISHED]


async def test_a_repeated_key_brings_the_same_connection_and_a_fresh_link() -> None:
    desk = Desk()
    first, ticket = await desk.create(key="k")
    second, other = await desk.create(key="k")
    assert first == second
    assert ticket != other
    assert len(await overviews(desk.store, after=None, limit=10)) == 1


async def test_only_hashes_of_ticket_state_and_binding_are_kept() -> None:
    desk = Desk()
    _, ticket = await desk.create()
    _, departure, url = await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    (attempt,) = desk.store.state.attempts.values()
    assert attempt.ticket_hash == digest(ticket)
    assert attempt.state_hash == digest(departure.state)
    assert attempt.binding_hash == digest(departure.binding)
    assert departure.verifier not in url
    assert departure.verifier not in repr(attempt)


async def test_the_verifier_of_the_latest_opening_is_sent_with_the_code() -> None:
    desk = Desk()
    _, ticket = await desk.create()
    await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    _, latest, _ = await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    await desk.finish(Side.HUBSPOT, latest.state, latest.binding, "the-code")
    assert desk.hubspot.exchanged == [("the-code", latest.verifier)]


async def test_a_callback_is_bound_to_state_browser_side_and_time_and_works_once() -> None:
    desk = Desk()
    _, ticket = await desk.create()
    _, sent, _ = await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    for side, state, binding in [
        (Side.HUBSPOT, "another", sent.binding),
        (Side.HUBSPOT, sent.state, "another"),
        (Side.HUBSPOT, sent.state, ""),
        (Side.SALESFORCE, sent.state, sent.binding),
    ]:
        with pytest.raises(ConnectError, match="another browser"):
            await desk.finish(side, state, binding)
    await desk.finish(Side.HUBSPOT, sent.state, sent.binding)
    with pytest.raises(ConnectError, match="was used before"):
        await desk.finish(Side.HUBSPOT, sent.state, sent.binding)
    assert len(desk.hubspot.exchanged) == 1


async def test_a_link_and_a_consent_last_ten_minutes_each() -> None:
    desk = Desk()
    connection, ticket = await desk.create()
    desk.store.pass_time(minutes=9.9)
    _, sent, _ = await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    desk.store.pass_time(minutes=9.9)
    await desk.finish(Side.HUBSPOT, sent.state, sent.binding)
    late = await new_ticket(desk.store, connection.id, Side.SALESFORCE, new_secret=desk.new_secret)
    desk.store.pass_time(minutes=10)
    with pytest.raises(ConnectError, match="older than ten minutes"):
        await open_link(desk.store, desk.crms, late, new_secret=desk.new_secret)


async def test_an_error_of_the_crm_uses_the_attempt_up_and_changes_nothing() -> None:
    desk = Desk()
    connection, ticket = await desk.create()
    _, sent, _ = await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    with pytest.raises(ConnectError) as caught:
        await desk.finish(
            Side.HUBSPOT, sent.state, sent.binding, "", error="access_denied", description="no"
        )
    assert caught.value.code == "authorization-denied"
    assert desk.store.state.attempts == {}
    assert desk.store.state.rows == {connection.id: connection}


async def test_what_is_not_an_error_code_is_not_repeated() -> None:
    desk = Desk()
    _, ticket = await desk.create()
    _, sent, _ = await open_link(desk.store, desk.crms, ticket, new_secret=desk.new_secret)
    with pytest.raises(ConnectError) as caught:
        await desk.finish(Side.HUBSPOT, sent.state, sent.binding, "", error="<b>call 0900 123</b>")
    assert caught.value.code == "authorization-failed"
    assert "0900" not in str(caught.value)


async def test_a_portal_belongs_to_one_connection() -> None:
    desk = Desk()
    first = await desk.established()
    second, _ = await desk.create()
    with pytest.raises(ConnectError, match=str(first.id)) as caught:
        await desk.authorize(second.id, Side.HUBSPOT)
    assert caught.value.code == "portal-already-connected"
    assert caught.value.failure.status == 409
    assert desk.hubspot.revoked == []


async def test_several_portals_may_join_one_org() -> None:
    desk = Desk()
    await desk.established()
    desk.hubspot.facts = Facts(portal_id="99")
    second = await desk.established()
    assert (second.portal_id, second.org_id, second.state) == ("99", "00D1", State.ACTIVE)
    told = ESTABLISHED.model_copy(update={"portal_id": "99", "shares_org": True})
    assert desk.store.events() == [ESTABLISHED, told]


async def test_portals_that_share_an_org_are_warned_of_automatic_creation() -> None:
    desk = Desk()
    first = await desk.established()
    (alone,) = await overviews(desk.store, after=None, limit=9)
    assert alone.warnings == ()
    desk.hubspot.facts = Facts(portal_id="99")
    second = await desk.established()
    pages = await overviews(desk.store, after=None, limit=9)
    for seen, other in zip(pages, (second, first), strict=True):
        (warned,) = seen.warnings
        assert warned.code == "org-shared"
        assert str(other.id) in warned.text
        assert "create contacts in HubSpot" in warned.text


async def test_missing_scopes_are_named_and_nothing_is_stored() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    desk.hubspot.scopes = desk.hubspot.scopes - {"crm.objects.owners.read"}
    with pytest.raises(ConnectError, match=r"Missing: crm\.objects\.owners\.read\.") as caught:
        await desk.authorize(connection.id, Side.HUBSPOT)
    assert caught.value.code == "scopes-not-granted"
    assert desk.store.state.grant_rows == {}


async def test_an_answer_without_scopes_is_taken_at_its_word() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    desk.hubspot.scopes = frozenset()
    assert (await desk.authorize(connection.id, Side.HUBSPOT)).portal_id == "62515"


async def test_another_account_is_refused_once_the_connection_was_complete() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.hubspot.facts = Facts(portal_id="1")
    desk.salesforce.facts = Facts(org_id="00D2", salesforce_user_id="0051")
    assert await code_of(desk, connection, Side.HUBSPOT) == "other-portal"
    assert await code_of(desk, connection, Side.SALESFORCE) == "other-org"


async def test_another_account_may_be_chosen_before() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    await desk.authorize(connection.id, Side.HUBSPOT)
    desk.hubspot.facts = Facts(portal_id="1")
    assert (await desk.authorize(connection.id, Side.HUBSPOT)).portal_id == "1"


async def test_another_user_of_the_same_org_is_announced() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.salesforce.facts = Facts(org_id="00D1", salesforce_user_id="0052")
    await desk.authorize(connection.id, Side.SALESFORCE)
    changed = ESTABLISHED.model_copy(update={"salesforce_user_id": "0052"})
    assert desk.store.events() == [ESTABLISHED, changed]


async def test_another_hubspot_user_is_kept_but_not_announced() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.hubspot.facts = Facts(portal_id="62515", hubspot_user_id="8")
    changed = await desk.authorize(connection.id, Side.HUBSPOT)
    assert (connection.hubspot_user_id, changed.hubspot_user_id) == ("7", "8")
    assert desk.store.events() == [ESTABLISHED]


async def test_news_that_come_while_a_side_is_broken_are_told_when_it_is_restored() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=40)
    desk.hubspot.refusal = GrantDeadError("revoked", code="BAD_REFRESH_TOKEN")
    with pytest.raises(BrokenError):
        await desk.token(connection.id, Side.HUBSPOT)
    desk.hubspot.refusal = None
    desk.salesforce.facts = Facts(org_id="00D1", salesforce_user_id="0052")
    await desk.authorize(connection.id, Side.SALESFORCE)
    await desk.authorize(connection.id, Side.HUBSPOT)
    changed = ESTABLISHED.model_copy(update={"salesforce_user_id": "0052"})
    broken = ConnectionBroken(side=Side.HUBSPOT, reason="revoked")
    restored = ConnectionRestored(side=Side.HUBSPOT)
    assert desk.store.events() == [ESTABLISHED, broken, restored, changed]


async def test_a_reconnect_that_changes_nothing_is_not_announced() -> None:
    desk = Desk()
    connection = await desk.established()
    await desk.authorize(connection.id, Side.SALESFORCE)
    assert desk.store.events() == [ESTABLISHED]


async def test_a_crm_that_does_not_answer_changes_nothing() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    desk.hubspot.refusal = RetriableError("busy", code="busy")
    with pytest.raises(RetriableError):
        await desk.authorize(connection.id, Side.HUBSPOT)
    assert desk.store.state.grant_rows == {}


async def test_an_unknown_connection_is_named() -> None:
    desk = Desk()
    with pytest.raises(UnknownConnectionError, match="00000000-0000-0000-0000-000000000009"):
        await desk.authorize(UUID(int=9), Side.HUBSPOT)
