import pytest

from shared.crm.hosts import (
    HUBSPOT_HOSTS,
    SALESFORCE_HOSTS,
    HostRefusedError,
    check_base_url,
)

SIMULATOR = "http://127.0.0.1:8102"


def check(url: str) -> str:
    return check_base_url(url, allowed_hosts=SALESFORCE_HOSTS, extra_origins=[SIMULATOR + "/"])


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://ACME.my.Salesforce.com/", "https://acme.my.salesforce.com"),
        (
            "https://acme--sbx.sandbox.my.salesforce.com",
            "https://acme--sbx.sandbox.my.salesforce.com",
        ),
        ("https://login.salesforce.com:443", "https://login.salesforce.com"),
        ("https://salesforce.com", "https://salesforce.com"),
        (SIMULATOR, SIMULATOR),
        (SIMULATOR + "/", SIMULATOR),
    ],
)
def test_hosts_of_the_crm_and_named_origins_pass(url: str, origin: str) -> None:
    assert check(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "ftp://acme.my.salesforce.com",
        "https://evilsalesforce.com",
        "https://salesforce.com.evil.example",
        "https://acme.my.salesforce.com.",
        "https://acme..salesforce.com",
        "https://.salesforce.com",
        "https://-a.salesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com:0443",
        "https://acme.my.salesforce.com:",
        "https://user@acme.my.salesforce.com",
        "https://user:pw@acme.my.salesforce.com",
        "https://acme.my.salesforce.com@evil.example",
        "https://evil.example#.salesforce.com",
        "https://evil.example?.salesforce.com",
        "https://evil.example/.salesforce.com",
        "https://evil.example\\.salesforce.com",
        "https://evil.example%2f.salesforce.com",
        "https://acme.my.salesforce.com/path",
        "https://acme.my.salesforce.com//",
        "https://acme.my.salesforce.com?q",
        "https://acme.my.salesforce.com#f",
        "https://acme.my.salesforce.com\n",
        "https://acme.my.salesforce.com\t",
        " https://acme.my.salesforce.com",
        "https://acme.my.sales\u2170orce.com",
        "https://acme.my.\u017falesforce.com",
        "https://acme.my.salesforce\u3002com",
        "https://\u212a.my.salesforce.com",
        "https://127.0.0.1",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://0177.0.0.1",
        "https://169.254.169.254",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[fe80::1%25eth0]",
        "https://localhost",
        "http://127.0.0.1:8103",
        "https://127.0.0.1:8102",
        "http://127.1:8102",
        "http://localhost:8102",
        "http://127.0.0.1:8102@evil.example",
        "http://127.0.0.1:8102/path",
        "https://" + "a" * 64 + ".salesforce.com",
        "https://" + "a." * 200 + "salesforce.com",
    ],
)
def test_all_else_is_refused(url: str) -> None:
    with pytest.raises(HostRefusedError) as caught:
        check(url)
    assert caught.value.code == "host_refused"
    assert "evil" not in str(caught.value)


def test_each_crm_has_its_own_hosts() -> None:
    assert check_base_url("https://api-eu1.hubapi.com", allowed_hosts=HUBSPOT_HOSTS)
    with pytest.raises(HostRefusedError):
        check_base_url("https://api.hubapi.com", allowed_hosts=SALESFORCE_HOSTS)
    with pytest.raises(HostRefusedError):
        check_base_url(SIMULATOR, allowed_hosts=SALESFORCE_HOSTS)
