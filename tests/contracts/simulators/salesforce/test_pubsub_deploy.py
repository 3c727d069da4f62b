from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.pubsub_client import FIVE, Bus, select
from tests.contracts.simulators.salesforce.zips import (
    NAMESPACE,
    deploy,
    package_xml,
    problems,
    zipped,
)

KIND = "PlatformEventChannelMember"


def named(*objects: str) -> str:
    return package_xml(*((KIND, f"ChangeEvents_{one}ChangeEvent") for one in objects))


def source(*objects: str, channel: str = "ChangeEvents") -> dict[str, str]:
    def member(name: str) -> str:
        event = f"<selectedEntity>{name}ChangeEvent</selectedEntity>"
        inner = f"<eventChannel>{channel}</eventChannel>{event}"
        return f"<{KIND} {NAMESPACE}>{inner}</{KIND}>"

    folder = "platformEventChannelMembers/ChangeEvents"
    files = {
        f"{folder}_{one}ChangeEvent.platformEventChannelMember": member(one) for one in objects
    }
    return {"package.xml": named(*objects), **files}


def selected(org: Driver) -> set[str]:
    return {one["object"] for one in org.look("change-events")["members"]}


def test_a_deploy_selects_and_takes_back(org: Driver, bus: Bus) -> None:
    select(org, "Lead")
    assert deploy(org, zipped(source(*FIVE)), checkOnly=True)["success"] is True
    assert selected(org) == {"Lead"}
    assert deploy(org, zipped(source(*FIVE)))["success"] is True
    assert selected(org) == set(FIVE)
    with bus.subscribe() as stream:
        made = org.create("Account", Name="A")
        assert stream.event().ids == [made]
    gone = {"package.xml": package_xml(), "destructiveChanges.xml": named(*FIVE)}
    assert deploy(org, zipped(gone))["success"] is True
    assert selected(org) == set()
    org.create("Account", Name="A")
    assert org.look("change-events")["retained"] == 1


def test_line_8_a_deploy_meets_the_cap_of_five_objects(org: Driver) -> None:
    select(org, "User")
    assert problems(org, source(*FIVE)) == [
        "The limit of 5 entities selected for change events is exceeded"
    ]
    assert selected(org) == {"User"}
    swap = {**source(*FIVE), "destructiveChangesPre.xml": named("User")}
    assert deploy(org, zipped(swap))["success"] is True
    assert selected(org) == set(FIVE)


def test_selections_that_cannot_be_deployed(org: Driver) -> None:
    assert problems(org, source("Profile")) == [
        "invalid event in selectedEntity: ProfileChangeEvent"
    ]
    assert problems(org, source("Lead", channel="/data/ChangeEvents")) == [
        "Unable to find the specified channel: /data/ChangeEvents"
    ]
    path = "platformEventChannelMembers/ChangeEvents_LeadChangeEvent.platformEventChannelMember"
    found = problems(org, {"package.xml": named("Lead"), path: "<no"})
    assert found[0].startswith("Error parsing file: ")
