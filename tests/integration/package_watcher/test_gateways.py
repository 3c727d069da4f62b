"""The steps of an installation in a simulated org."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest

from services.package_watcher.domain.model import (
    Audience,
    Installation,
    Kind,
    Method,
    Order,
    Org,
    Step,
)
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    NotReady,
    Observation,
    Progress,
    Refused,
    Reported,
    Settled,
    Unreachable,
)
from services.package_watcher.domain.orders import ordered
from services.package_watcher.domain.presence import Checked, Found, Presence
from services.package_watcher.gateways import SalesforceOrgs, Vault
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.security.keyring import KeyRing, generate_key
from tests.integration.mapping.peers import FakePeers
from tests.integration.package_watcher.sent import package
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator
from tests.unit.package_watcher.fakes import NOON

VERSION = "04t000000000001AAA"
VAULT = Vault(KeyRing.parse(f"k1:{generate_key()}"))
SENT = package()
MISSING = Looked(
    ("Contact", "Lead", "Task"),
    "The connected user sees no field Causeway_Key__c on Contact. The connected user sees no field "
    "Causeway_Key__c on Lead. The connected user sees no field Causeway_Key__c on Task.",
)


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
        yield SalesforceOrgs(http, peers.access(), SENT, VAULT)


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
    assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked(version="1.0")
    assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked(version="1.0")
    assert peers.purposes == {"setup"}


async def test_deploying_again_changes_nothing(orgs: SalesforceOrgs, org: Org) -> None:
    for _ in range(2):
        assert (await deployed(orgs, org)).reported is Reported.SUCCESS
        assert await look(orgs, org, Step.ASSIGN_AND_LOOK) == Looked(version="1.0")


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
    assert early == NotReady(
        "PACKAGE_UNAVAILABLE", "This package is not yet available (PACKAGE_UNAVAILABLE)."
    )
    await control.advance_clock(61)
    assert isinstance(await orgs.carry_out(Step.SEND, begun, org), Accepted)


@pytest.mark.parametrize(
    ("password", "code"), [("", "INSTALL_KEY_REQUIRED"), ("wrong", "INSTALL_KEY_INVALID")]
)
async def test_a_protected_version_is_refused(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl, password: str, code: str
) -> None:
    await control.switches({"installation_key": "open sesame"})
    begun = protected(org.connection_id, password)
    assert await orgs.carry_out(Step.SEND, begun, org) == Refused(
        code, f"Salesforce refuses the package version: {code}."
    )


async def test_a_protected_version_is_installed_with_its_key(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"installation_key": "open sesame"})
    begun = protected(org.connection_id, "open sesame")
    accepted = await orgs.carry_out(Step.SEND, begun, org)
    assert isinstance(accepted, Accepted)
    seen = await orgs.carry_out(Step.STATUS, replace(begun, request_id=accepted.request_id), org)
    assert seen == Progress(Reported.SUCCESS)


def protected(connection_id: UUID, password: str) -> Installation:
    begun = installation(connection_id, Method.VERSION)
    sealed = VAULT.seal(begun.id, password) if password else ""
    return replace(begun, order=replace(begun.order, sealed_password=sealed))


async def test_a_version_that_is_there_is_not_installed_again(
    orgs: SalesforceOrgs, org: Org
) -> None:
    await deployed(orgs, org, Method.VERSION)
    again = await orgs.carry_out(Step.SEND, installation(org.connection_id, Method.VERSION), org)
    assert again == Settled("Version 1.0.0.1 is installed already.")


async def test_a_newer_source_is_not_overwritten(
    orgs: SalesforceOrgs, org: Org, peers: FakePeers
) -> None:
    await deployed(orgs, org)
    async with httpx2.AsyncClient(trust_env=False) as http:
        older = SalesforceOrgs(http, peers.access(), replace(SENT, version="0.9"), VAULT)
        seen = await older.carry_out(Step.SEND, installation(org.connection_id), org)
    assert isinstance(seen, Settled)
    assert seen.text == "The newer version 1.0 is in place; nothing is downgraded."
    assert seen.warning.startswith("The org has version 1.0 of the package; this Causeway brings")


async def removed(orgs: SalesforceOrgs, org: Org, method: Method) -> Progress:
    order = Order(method, VERSION if method is Method.VERSION else "", kind=Kind.UNINSTALL)
    begun = ordered(new_id(), org.connection_id, order, NOON)[0]
    accepted = await orgs.carry_out(Step.SEND, begun, org)
    assert isinstance(accepted, Accepted)
    seen = await orgs.carry_out(Step.STATUS, replace(begun, request_id=accepted.request_id), org)
    assert isinstance(seen, Progress)
    return seen


@pytest.mark.parametrize("method", [Method.DEPLOY, Method.VERSION])
async def test_what_was_installed_is_taken_out(
    orgs: SalesforceOrgs, org: Org, method: Method
) -> None:
    await deployed(orgs, org, method)
    assert await look(orgs, org, Step.ASSIGN_AND_LOOK) in {Looked(), Looked(version="1.0")}
    assert (await removed(orgs, org, method)).reported is Reported.SUCCESS
    gone = await look(orgs, org)
    assert isinstance(gone, Looked)
    assert gone.missing == ("Contact", "Lead", "Task")


async def test_a_version_that_is_not_there_needs_no_uninstall(
    orgs: SalesforceOrgs, org: Org
) -> None:
    order = Order(Method.VERSION, VERSION, kind=Kind.UNINSTALL)
    begun = ordered(new_id(), org.connection_id, order, NOON)[0]
    seen = await orgs.carry_out(Step.SEND, begun, org)
    assert seen == Settled("The package is not installed any more.")


def presence(org: Org, *, version_id: str = "", user_id: str | None = None) -> Presence:
    return Presence(
        org.connection_id,
        Found.IN_PLACE,
        NOON,
        Method.VERSION if version_id else Method.DEPLOY,
        version_id=version_id,
        user_id=org.user_id if user_id is None else user_id,
    )


async def test_the_daily_look_at_a_deployed_package_costs_two_calls(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await deployed(orgs, org)
    await look(orgs, org, Step.ASSIGN_AND_LOOK)
    await control.reset_calls()
    assert await orgs.check_up(presence(org), org) == Checked(version="1.0")
    assert (await control.calls())["total"] == 2


async def test_the_daily_look_at_a_version_knows_which_is_installed(
    orgs: SalesforceOrgs, org: Org
) -> None:
    await deployed(orgs, org, Method.VERSION)
    await look(orgs, org, Step.ASSIGN_AND_LOOK)
    seen = await orgs.check_up(presence(org, version_id=VERSION), org)
    assert seen == Checked(version_id=VERSION)


async def test_the_daily_look_names_what_is_missing(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await deployed(orgs, org)
    await look(orgs, org, Step.ASSIGN_AND_LOOK)
    await control.switches({"hidden_fields": {"Lead": ["Causeway_Key__c"]}})
    assert await orgs.check_up(presence(org), org) == Checked(
        ("Lead.Causeway_Key__c",),
        ("Lead",),
        "The connected user sees no field Causeway_Key__c on Lead.",
        "1.0",
    )


async def test_the_daily_look_at_an_empty_org_names_everything(
    orgs: SalesforceOrgs, org: Org
) -> None:
    seen = await orgs.check_up(presence(org, version_id=VERSION), org)
    assert isinstance(seen, Checked)
    assert seen.objects == ("Contact", "Lead", "Task", "Account", "Opportunity")
    assert seen.missing[5] == "PermissionSet Causeway_Integration"
    assert seen.missing[6].startswith("Package 033")
    assert "is not installed any more" in seen.text


async def test_only_another_user_is_given_the_permission_set(
    orgs: SalesforceOrgs, org: Org
) -> None:
    await deployed(orgs, org)
    known = await orgs.check_up(presence(org), org)
    assert isinstance(known, Checked)
    assert known.objects == ("Contact", "Lead", "Task", "Account", "Opportunity")
    another = await orgs.check_up(presence(org, user_id="0059"), org)
    assert another == Checked(version="1.0")


async def test_a_look_without_an_answer_is_no_finding(
    orgs: SalesforceOrgs, org: Org, peers: FakePeers
) -> None:
    peers.dead.add(Side.SALESFORCE)
    assert await orgs.check_up(presence(org), org) == Held("Connect again.", 60.0)


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
    await control.fault("POST *", "http", status=503)
    assert isinstance(await look(orgs, org), Unreachable)
    await control.fault("POST *", "http", status=503)
    assert isinstance(await orgs.check_up(presence(org), org), Unreachable)


async def test_an_edition_without_api_is_a_refusal(
    orgs: SalesforceOrgs, org: Org, control: SimulatorControl
) -> None:
    await control.switches({"api_disabled": True})
    seen = await look(orgs, org)
    assert isinstance(seen, Refused)
    assert "API_DISABLED_FOR_ORG" in seen.text
