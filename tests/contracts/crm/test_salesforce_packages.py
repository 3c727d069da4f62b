import io
import zipfile

import pytest

from shared.crm.errors import CrmFatalError
from shared.crm.salesforce.metadata import MetadataClient
from shared.crm.salesforce.tooling import ToolingClient
from tests.contracts.crm.lines import SalesforceUnderTest

VERSION = "04t5g0000000001AAA"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="{NAMESPACE}"><types><members>Contact.Causeway_Test__c</members>
<name>CustomField</name></types><version>66.0</version></Package>"""
OBJECT = f"""<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="{NAMESPACE}"><fields><fullName>Causeway_Test__c</fullName>
<label>Causeway test</label><type>Text</type><length>80</length><externalId>true</externalId>
<unique>true</unique></fields></CustomObject>"""


def package(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def tooling(salesforce: SalesforceUnderTest) -> ToolingClient:
    return ToolingClient(salesforce.transport)


@pytest.fixture
def metadata(salesforce: SalesforceUnderTest) -> MetadataClient:
    return MetadataClient(salesforce.transport)


@pytest.mark.parametrize("spelling", ["upper", "title"])
async def test_an_installation_is_watched_to_its_end(
    salesforce: SalesforceUnderTest, tooling: ToolingClient, spelling: str
) -> None:
    await salesforce.control.switches({"install_status_spelling": spelling})
    assert await tooling.installed_packages() == []
    request_id = await tooling.install(VERSION, "None", enable_remote_sites=True)
    assert (await tooling.install_status(request_id)).state == "in_progress"
    await salesforce.control.advance_clock(60)
    assert (await tooling.install_status(request_id)).state == "success"
    [installed] = await tooling.installed_packages()
    assert (installed.version_id, installed.version, installed.beta) == (VERSION, "1.0.0.1", False)


async def test_an_installation_that_fails_says_why(
    salesforce: SalesforceUnderTest, tooling: ToolingClient
) -> None:
    await salesforce.control.switches({"install_errors": ["A field of that name exists."]})
    request_id = await tooling.install(VERSION, "Full", enable_remote_sites=False)
    await salesforce.control.advance_clock(60)
    status = await tooling.install_status(request_id)
    assert (status.state, status.errors) == ("error", ("A field of that name exists.",))


async def test_a_fresh_version_is_unavailable_for_a_while(
    salesforce: SalesforceUnderTest, tooling: ToolingClient
) -> None:
    await salesforce.control.switches({"package_unavailable_seconds": 120})
    early = await tooling.package_version(VERSION)
    await salesforce.control.advance_clock(121)
    ready = await tooling.package_version(VERSION)
    assert early is not None
    assert ready is not None
    assert (early.validation, ready.validation) == ("PACKAGE_UNAVAILABLE", "NO_ERRORS_DETECTED")
    assert (ready.version_id, ready.number, ready.beta) == (VERSION, "1.0.0.1", False)
    assert ready.package_id.startswith("033")


@pytest.mark.parametrize(
    ("password", "validation"),
    [
        (None, "INSTALL_KEY_REQUIRED"),
        ("wrong", "INSTALL_KEY_INVALID"),
        ("it's open", "NO_ERRORS_DETECTED"),
    ],
)
async def test_a_protected_version_wants_its_key(
    salesforce: SalesforceUnderTest,
    tooling: ToolingClient,
    password: str | None,
    validation: str,
) -> None:
    await salesforce.control.switches({"installation_key": "it's open"})
    found = await tooling.package_version(VERSION, password=password)
    assert found is not None
    assert found.validation == validation


async def test_a_protected_version_is_installed_with_its_key(
    salesforce: SalesforceUnderTest, tooling: ToolingClient
) -> None:
    await salesforce.control.switches({"installation_key": "it's open"})
    request_id = await tooling.install(
        VERSION,
        "Full",
        enable_remote_sites=True,
        name_conflict="RenameMetadata",
        password="it's open",
    )
    await salesforce.control.advance_clock(60)
    assert (await tooling.install_status(request_id)).state == "success"


async def test_a_version_is_uninstalled(
    salesforce: SalesforceUnderTest, tooling: ToolingClient
) -> None:
    known = await tooling.package_version(VERSION)
    assert known is not None
    assert await tooling.installed_package(known.package_id) is None
    await tooling.install(VERSION, "None", enable_remote_sites=True)
    await salesforce.control.advance_clock(60)
    installed = await tooling.installed_package(known.package_id)
    assert installed is not None
    assert (installed.version_id, installed.version) == (VERSION, "1.0.0.1")
    request_id = await tooling.uninstall(installed.version_id)
    assert request_id.startswith("06y")
    assert (await tooling.uninstall_status(request_id)).state == "in_progress"
    await salesforce.control.advance_clock(60)
    assert (await tooling.uninstall_status(request_id)).state == "success"
    assert await tooling.installed_package(known.package_id) is None


async def test_an_uninstall_that_fails_says_why(
    salesforce: SalesforceUnderTest, tooling: ToolingClient
) -> None:
    request_id = await tooling.uninstall(VERSION)
    await salesforce.control.advance_clock(60)
    status = await tooling.uninstall_status(request_id)
    assert (status.state, status.errors) == ("error", ("The package version is not installed.",))


async def test_what_is_no_version_is_refused(tooling: ToolingClient) -> None:
    with pytest.raises(CrmFatalError):
        await tooling.install("0035g0000000001AAA", "Full", enable_remote_sites=False)


@pytest.mark.parametrize("as_strings", [False, True])
async def test_a_deployment_is_watched_to_its_end(
    salesforce: SalesforceUnderTest, metadata: MetadataClient, *, as_strings: bool
) -> None:
    await salesforce.control.switches({"deploy_as_strings": as_strings})
    source = package({"package.xml": MANIFEST, "objects/Contact.object": OBJECT})
    deployment = await metadata.deploy(source)
    started = await metadata.deploy_status(deployment)
    await salesforce.control.advance_clock(60)
    ended = await metadata.deploy_status(deployment)
    assert deployment.startswith("0Af")
    assert (started.done, started.success) == (False, False)
    assert (ended.state, ended.done, ended.success) == ("Succeeded", True, True)
    assert ended.components == (1, 0, 1)
    assert ended.failures == ()


@pytest.mark.parametrize("as_strings", [False, True])
async def test_a_deployment_that_fails_says_where(
    salesforce: SalesforceUnderTest, metadata: MetadataClient, *, as_strings: bool
) -> None:
    problem = {"fullName": "Contact.Causeway_Test__c", "problem": "A field of that name exists."}
    switches = {"deploy_as_strings": as_strings, "deploy_errors": [problem]}
    await salesforce.control.switches(switches)
    source = package({"package.xml": MANIFEST, "objects/Contact.object": OBJECT})
    deployment = await metadata.deploy(source)
    await salesforce.control.advance_clock(60)
    ended = await metadata.deploy_status(deployment)
    assert (ended.state, ended.done, ended.success) == ("Failed", True, False)
    assert [(one.name, one.problem) for one in ended.failures] == [
        ("Contact.Causeway_Test__c", "A field of that name exists.")
    ]


async def test_a_user_who_may_not_deploy(
    salesforce: SalesforceUnderTest, metadata: MetadataClient
) -> None:
    await salesforce.control.switches({"modify_metadata": False})
    with pytest.raises(CrmFatalError) as caught:
        await metadata.deploy(package({"package.xml": MANIFEST}))
    assert caught.value.code == "INSUFFICIENT_ACCESS"
