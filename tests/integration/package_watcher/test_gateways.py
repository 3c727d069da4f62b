"""The steps of an installation in a simulated org."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from uuid import UUID

import httpx2
import pytest

from services.package_watcher.domain.advance import ordered
from services.package_watcher.domain.model import Audience, Installation, Method, Order, Org, Step
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    Observation,
    Progress,
    Refused,
    Reported,
    Unreachable,
)
from services.package_watcher.gateways import BASE, PackageSource, SalesforceOrgs
from services.package_watcher.settings import SOURCE
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from tests.integration.mapping.peers import FakePeers
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator
from tests.unit.package_watcher.fakes import NOON

VERSION = "04t000000000001AAA"
MISSING = Looked(("Contact",), "The connected user sees no field Causeway_Key__c on Contact.")


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with simulator("salesforce", "--install-seconds", "0") as url:
        yield url


@pytest.fixture
async def control(salesforce: str) -> AsyncIterator[SimulatorControl]:
    async with SimulatorControl(salesforce) as made:
        await made.reset()
        yield made


@pytest.fixture
async def grant(control: SimulatorControl) -> dict[str, str]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{control.base_url}/_control/grant", json={})
    found: dict[str, str] = answer.json()
    return found


@pytest.fixture
def peers(grant: dict[str, str], salesforce: str) -> FakePeers:
    return FakePeers({Side.SALESFORCE: salesforce}, {Side.SALESFORCE: grant["access_token"]})


@pytest.fixture
def org(grant: dict[str, str]) -> Org:
    return Org(new_id(), "00D1", "production", grant["id"].rpartition("/")[2])


@pytest.fixture
async def orgs(peers: FakePeers) -> AsyncIterator[SalesforceOrgs]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        yield SalesforceOrgs(http, peers.access(), partial(PackageSource(SOURCE).zip, BASE))


def installation(connection_id: UUID, method: Method = Method.DEPLOY) -> Installation:
    order = Order(method, VERSION, Audience.ALL, third_party_access=True)
    return ordered(new_id(), connection_id, order, NOON)[0]


async def deployed(orgs: SalesforceOrgs, org: Org, method: Method = Method.DEPLOY) -> Progress:
    begun = installation(org.connection_id, method)
    accepted = await orgs.carry_out(Step.SEND, begun, org)
    assert isinstance(accepted, Accepted)
    status = replace(begun, request_id=accepted.request_id)
    seen = await orgs.carry_out(Step.STATUS, status, org)
    assert isinstance(seen, Progress)
    return seen


async def look(orgs: SalesforceOrgs, org: Org, step: Step = Step.LOOK) -> Observation:
    return await orgs.carry_out(step, installation(org.connection_id), org)


async def test_a_fresh_org_has_no_package(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.reset_calls()
    assert await look(orgs, org) == MISSING
    assert (await control.calls())["total"] == 1


async def test_deploy_assign_and_see(orgs: SalesforceOrgs, org: Org, peers: FakePeers) -> None:
    seen = await deployed(orgs, org)
    assert seen.reported is Reported.SUCCESS
    assert (seen.components_done, seen.components) == (6, 6)
    assert await look(orgs, org) == MISSING
    assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked()
    assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked()
    assert peers.purposes == {"setup"}


async def test_deploying_again_changes_nothing(orgs: SalesforceOrgs, org: Org) -> None:
    for _ in range(2):
        assert (await deployed(orgs, org)).reported is Reported.SUCCESS
        assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked()


async def test_results_written_as_text_are_read(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"deploy_as_strings": True})
    assert (await deployed(orgs, org)).reported is Reported.SUCCESS


async def test_component_failures_are_told(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    failure = {
        "componentType": "CustomField",
        "fullName": "Lead.Causeway_Key__c",
        "problem": "duplicate value found",
    }
    await control.switches({"deploy_errors": [failure]})
    seen = await deployed(orgs, org)
    assert seen.reported is Reported.ERROR
    assert [(f.component, f.problem) for f in seen.failures] == [
        ("CustomField Lead.Causeway_Key__c", "duplicate value found")
    ]


async def test_a_deploy_that_runs_is_in_progress(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"install_seconds": 600})
    assert (await deployed(orgs, org)).reported is Reported.IN_PROGRESS


async def test_a_user_without_the_permission_is_refused(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"modify_metadata": False})
    seen = await orgs.carry_out(Step.SEND, installation(org.connection_id), org)
    assert isinstance(seen, Refused)


@pytest.mark.parametrize("spelling", ["upper", "title"])
async def test_a_version_is_installed(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl, spelling: str
) -> None:
    await control.switches({"install_status_spelling": spelling})
    assert (await deployed(orgs, org, Method.VERSION)).reported is Reported.SUCCESS
    assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked()


async def test_a_version_that_fails_says_why(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"install_errors": ["insufficient access rights"]})
    seen = await deployed(orgs, org, Method.VERSION)
    assert (seen.reported, seen.text) == (Reported.ERROR, "insufficient access rights")


async def test_a_version_that_has_not_arrived_is_asked_for_again(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"package_unavailable_seconds": 60})
    begun = installation(org.connection_id, Method.VERSION)
    early = await orgs.carry_out(Step.SEND, begun, org)
    assert isinstance(early, Refused)
    assert early.code == "PACKAGE_UNAVAILABLE"
    await control.advance_clock(61)
    assert isinstance(await orgs.carry_out(Step.SEND, begun, org), Accepted)


async def test_a_protected_version_is_refused(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"installation_key": "secret"})
    seen = await orgs.carry_out(Step.SEND, installation(org.connection_id, Method.VERSION), org)
    assert isinstance(seen, Refused)
    assert seen.code in {"INSTALL_KEY_REQUIRED", "INSTALL_KEY_INVALID"}


async def test_a_read_only_key_is_not_in_place(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await deployed(orgs, org)
    await look(orgs, org, Step.ASSIGN_AND_LOOK)
    await control.switches({"read_only_fields": {"Task": ["Causeway_Key__c"]}})
    expected = Looked(("Task",), "The connected user may not write Causeway_Key__c on Task.")
    assert await look(orgs, org) == expected


async def test_an_expired_token_is_renewed(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl, peers: FakePeers
) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.post(f"{control.base_url}/_control/end-sessions", json={})
        fresh = (await http.post(f"{control.base_url}/_control/grant", json={})).json()
    peers.fresh[Side.SALESFORCE] = fresh["access_token"]
    assert await look(orgs, org) == MISSING


async def test_a_dead_grant_holds(orgs: SalesforceOrgs, org: Org, peers: FakePeers) -> None:
    peers.dead.add(Side.SALESFORCE)
    assert await look(orgs, org) == Held("Connect again.", 60.0)


async def test_an_empty_quota_holds_as_long_as_it_says(
    orgs: SalesforceOrgs, org: Org, peers: FakePeers
) -> None:
    peers.calls_left = 0
    seen = await look(orgs, org)
    assert isinstance(seen, Held)
    assert seen.seconds == 1800


async def test_the_orgs_own_limit_holds(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"daily_limit": 0})
    seen = await look(orgs, org)
    assert isinstance(seen, Held)
    assert "API calls are used up" in seen.text


async def test_silence_is_not_a_refusal(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.fault("GET *", "http", status=503)
    assert isinstance(await look(orgs, org), Unreachable)


async def test_an_edition_without_api_is_a_refusal(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"api_disabled": True})
    seen = await look(orgs, org)
    assert isinstance(seen, Refused)
    assert "API_DISABLED_FOR_ORG" in seen.text
