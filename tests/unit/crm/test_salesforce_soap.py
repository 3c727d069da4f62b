"""SOAP envelopes: what is sent, and every way in which an answer can be no answer."""

import base64
import io
import zipfile

import httpx2
import pytest

from shared.crm.errors import CrmAuthError, CrmFatalError, CrmLimitError, CrmRetriableError
from shared.crm.salesforce import retrieval
from shared.crm.salesforce.retrieval import RetrievalClient
from shared.crm.salesforce.soap import SoapErrors
from shared.crm.transport import CallKind
from tests.unit.crm.fakes import Answer, Line

HEAD = '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
TAIL = "</S:Body></S:Envelope>"


class SoapLine(Line):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer, SoapErrors())
        self.client = RetrievalClient(self.transport)


def result(operation: str, inner: str) -> httpx2.Response:
    body = (
        f'<r:{operation}Response xmlns:r="http://soap.sforce.com/2006/04/metadata">{inner}'
        f"</r:{operation}Response>"
    )
    return httpx2.Response(200, text=f"{HEAD}{body}{TAIL}")


def fault(code: str, text: str = "as it is") -> httpx2.Response:
    body = f"<S:Fault><faultcode>sf:{code}</faultcode><faultstring>{text}</faultstring></S:Fault>"
    return httpx2.Response(500, text=f"{HEAD}{body}{TAIL}")


async def test_the_session_is_in_the_envelope_only() -> None:
    line = SoapLine(lambda _request: result("listMetadata", ""))
    assert await line.client.listed("Layout") == []
    [request] = line.requests
    assert str(request.url) == "https://crm.example/services/Soap/m/66.0"
    assert "authorization" not in request.headers
    assert request.headers["content-type"] == "text/xml; charset=UTF-8"
    assert request.headers["soapaction"] == '""'
    sent = request.content.decode()
    assert "<SessionHeader><sessionId>token-1</sessionId></SessionHeader>" in sent
    assert "<queries><type>Layout</type></queries><asOfVersion>66.0</asOfVersion>" in sent
    assert line.meter.taken == [CallKind.CALL]


async def test_names_are_escaped() -> None:
    line = SoapLine(lambda _request: result("retrieve", "<result><id>09S1</id></result>"))
    assert await line.client.retrieve("Layout", ["Lead-A & <B>"]) == "09S1"
    assert b"<members>Lead-A &amp; &lt;B&gt;</members>" in line.requests[0].content


async def test_an_expired_session_is_replaced_once() -> None:
    answers = iter([fault("INVALID_SESSION_ID"), result("listMetadata", "")])
    line = SoapLine(lambda _request: next(answers))
    assert await line.client.listed("Layout") == []
    assert line.tokens.rejections == ["token-1"]
    assert b"<sessionId>token-2</sessionId>" in line.requests[1].content


async def test_a_session_that_stays_expired_is_a_dead_grant() -> None:
    line = SoapLine(lambda _request: fault("INVALID_SESSION_ID"))
    with pytest.raises(CrmAuthError):
        await line.client.listed("Layout")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (fault("INSUFFICIENT_ACCESS"), CrmFatalError, "INSUFFICIENT_ACCESS"),
        (fault("REQUEST_LIMIT_EXCEEDED"), CrmLimitError, "REQUEST_LIMIT_EXCEEDED"),
        (fault("SERVER_UNAVAILABLE"), CrmRetriableError, "SERVER_UNAVAILABLE"),
        (httpx2.Response(503, text="<html>"), CrmRetriableError, "HTTP_503"),
        (httpx2.Response(500, text=f"{HEAD}{TAIL}"), CrmRetriableError, "HTTP_500"),
        (httpx2.Response(200, text="<html/>"), CrmRetriableError, "crm_answer_unreadable"),
        (httpx2.Response(200, text="{}"), CrmRetriableError, "crm_answer_unreadable"),
        (httpx2.Response(200, text=f"{HEAD}{TAIL}"), CrmRetriableError, "crm_answer_unreadable"),
    ],
)
async def test_what_is_no_answer(answer: httpx2.Response, kind: type[Exception], code: str) -> None:
    line = SoapLine(lambda _request: answer)
    with pytest.raises(kind) as raised:
        await line.client.listed("Layout")
    assert getattr(raised.value, "code", "") == code


async def test_a_retrieve_that_failed_says_why() -> None:
    inner = (
        "<result><done>true</done><success>false</success>"
        "<errorMessage>The org is locked.</errorMessage></result>"
    )
    line = SoapLine(lambda _request: result("checkRetrieveStatus", inner))
    found = await line.client.retrieved("09S1")
    assert (found.done, found.failed) == (True, "The org is locked.")


def zipped(files: dict[str, bytes]) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return base64.b64encode(buffer.getvalue()).decode()


def done(zip_text: str) -> httpx2.Response:
    inner = (
        f"<result><done>true</done><success>true</success><zipFile>{zip_text}</zipFile></result>"
    )
    return result("checkRetrieveStatus", inner)


@pytest.mark.parametrize("zip_text", ["", "no base64 at all!", "bm8gemlw"])
async def test_files_that_cannot_be_unpacked_are_asked_for_again(zip_text: str) -> None:
    line = SoapLine(lambda _request: done(zip_text))
    with pytest.raises(CrmRetriableError):
        await line.client.retrieved("09S1")


async def test_a_file_that_swells_is_refused() -> None:
    swollen = zipped({"layouts/a.layout": b"0" * (retrieval.MAX_FILE_BYTES + 1)})
    line = SoapLine(lambda _request: done(swollen))
    with pytest.raises(CrmFatalError) as raised:
        await line.client.retrieved("09S1")
    assert raised.value.code == "crm_answer_too_large"


async def test_a_retrieve_that_does_not_start() -> None:
    line = SoapLine(lambda _request: result("retrieve", "<result/>"))
    with pytest.raises(CrmFatalError) as raised:
        await line.client.retrieve("Layout", ["Lead-A"])
    assert raised.value.code == "retrieve_refused"
