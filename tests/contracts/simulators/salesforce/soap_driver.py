"""Drives the SOAP services of a simulated org: envelopes written and read by hand."""

import base64
from xml.etree import ElementTree as ET

import httpx2

from tests.contracts.simulators.salesforce.driver import Driver

METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
SPACES = {"m": METADATA, "u": PARTNER}


class Soap:
    """One SOAP service of an org, by its letter; bodies are one operation without attributes."""

    def __init__(self, org: Driver, letter: str = "m") -> None:
        self.org = org
        self.letter = letter
        self.space = SPACES[letter]

    def post(self, body: str, *, version: str = "66.0") -> httpx2.Response:
        text = (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xmlns="{self.space}"><e:Header><SessionHeader>'
            f"<sessionId>{self.org.token}</sessionId></SessionHeader></e:Header>"
            f"<e:Body>{body}</e:Body></e:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        path = f"/services/Soap/{self.letter}/{version}"
        return self.org.http.post(path, content=text.encode(), headers=headers)

    def results(self, body: str) -> list[ET.Element]:
        """The results of an operation, without namespaces."""
        response = self.post(body)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "text/xml;charset=UTF-8"
        root = ET.fromstring(response.content)  # noqa: S314 -- what our own simulator said
        operation = body[1:].partition(">")[0].removesuffix("/")
        assert f"<{operation}Response" in response.text
        for node in root.iter():
            node.tag = node.tag.rpartition("}")[2]
        return root.findall("Body/*/result")

    def result(self, body: str) -> ET.Element:
        """The one result of an operation."""
        found = self.results(body)
        assert len(found) == 1
        return found[0]

    def fault(self, body: str, *, version: str = "66.0") -> str:
        """The code of a refusal."""
        response = self.post(body, version=version)
        assert response.status_code == 500, response.text
        root = ET.fromstring(response.content)  # noqa: S314 -- what our own simulator said
        code = root.findtext(".//faultcode") or ""
        text = root.findtext(".//faultstring") or ""
        assert code.startswith("sf:")
        assert text.startswith(f"{code.removeprefix('sf:')}: ")
        return code.removeprefix("sf:")


def retrieve_body(*members: tuple[str, str], single: bool = True) -> str:
    types = "".join(
        f"<types><members>{name}</members><name>{kind}</name></types>" for kind, name in members
    )
    return (
        "<retrieve><retrieveRequest><apiVersion>66.0</apiVersion>"
        f"<singlePackage>{str(single).lower()}</singlePackage>"
        f"<unpackaged>{types}<version>66.0</version></unpackaged></retrieveRequest></retrieve>"
    )


def check_body(retrieve_id: str, *, zip_too: bool = True) -> str:
    return (
        f"<checkRetrieveStatus><asyncProcessId>{retrieve_id}</asyncProcessId>"
        f"<includeZip>{str(zip_too).lower()}</includeZip></checkRetrieveStatus>"
    )


def zip_of(result: ET.Element) -> bytes:
    return base64.b64decode(result.findtext("zipFile") or "")
