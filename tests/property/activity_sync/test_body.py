"""A description survives the way into HubSpot's HTML and back."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.activity_sync.domain.task import from_hubspot, from_salesforce, to_hubspot

TEXT = st.text(st.sampled_from("ab <>&;/!-\n\"'#0lt"), max_size=40) | st.text(max_size=40)


@given(TEXT)
@example("x <y> z")
@example("&amp;lt;")
@example("<!-- a")
@example("<br>")
def test_the_way_there_and_back_changes_nothing(text: str) -> None:
    body = from_salesforce({"Description": text})["body"]
    spelt = to_hubspot({"body": body})

    assert from_hubspot({"hs_task_body": str(spelt["hs_task_body"])})["body"] == body


@given(st.text(st.sampled_from("ab <>&;/!-?\"'=#0lt"), max_size=40))
def test_any_body_can_be_read(html: str) -> None:
    body = from_hubspot({"hs_task_body": html})["body"]

    assert body is None or body == body.strip()
