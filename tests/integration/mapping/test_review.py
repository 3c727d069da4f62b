"""The review of what is recommended, for the portal and the org of the simulators."""

import httpx2

from services.mapping.domain.choices import Companies, Deals
from services.mapping.domain.pages import recommended, with_companies, with_deals
from services.mapping.domain.review import Facts, review
from services.mapping.gateways import CrmCatalogues
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.web.peers.clients import CrmClients
from tests.integration.mapping.peers import simulated
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator

SCOPES = tuple(
    f"crm.{kind}.{name}.read"
    for kind in ("objects", "schemas")
    for name in ("contacts", "companies", "deals")
)


async def test_what_is_recommended_fits_ordinary_accounts() -> None:
    with simulator("hubspot") as hubspot, simulator("salesforce") as salesforce:
        peers = await simulated(hubspot, salesforce)
        async with SimulatorControl(hubspot) as control:
            token = await control.order("token", scopes=list(SCOPES))
        peers.granted[Side.HUBSPOT] = token["access_token"]
        async with httpx2.AsyncClient(trust_env=False) as http:
            gateway = CrmCatalogues(CrmClients(http, peers.access()))
            catalogue = await gateway.read_catalogue(new_id())
    start = recommended(catalogue)
    assert review(start, catalogue, Facts()).problems == ()
    told = {rule.event_type: rule for rule in start.activities.timeline}
    assert told["call_made"].task_type == "Call"
    choices = with_companies(start, Companies(enabled=True), catalogue)
    choices = with_deals(choices, Deals(enabled=True), catalogue)
    found = review(choices, catalogue, Facts())
    assert [(p.code, p.where, p.what) for p in found.errors] == []
    named = {wanted.hubspot_property for wanted in choices.wanted}
    assert {"name", "dealname", "closedate", "amount"} <= named
    assert choices.deals.pipelines
