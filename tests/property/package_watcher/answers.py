"""Everything that a step in an org, and a daily look, can come to."""

from hypothesis import strategies as st

from services.package_watcher.domain.model import Failure
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
from services.package_watcher.domain.presence import Checked, Finding

TEXTS = st.sampled_from(["", "no", "This package is not yet available", "unable to lock row"])
CODES = st.sampled_from(["X", "INVALID_CROSS_REFERENCE_KEY"])
NO_ANSWER = (
    st.builds(Refused, CODES, TEXTS),
    st.builds(Unreachable, TEXTS, st.none() | st.floats(0, 90_000)),
    st.builds(Held, TEXTS, st.floats(0, 90_000)),
)
OBSERVATIONS: st.SearchStrategy[Observation] = st.one_of(
    st.builds(Accepted, st.sampled_from(["0Af1", "0Hf1", "06y1"])),
    st.builds(NotReady, st.just("PACKAGE_UNAVAILABLE"), TEXTS),
    st.builds(Settled, TEXTS, st.sampled_from(["", "newer"])),
    st.builds(
        Progress,
        st.sampled_from(Reported),
        TEXTS,
        st.just((Failure("Lead", "no"),)) | st.just(()),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    st.builds(Looked, st.sampled_from([(), ("Lead",), ("Contact", "Task")]), TEXTS),
    *NO_ANSWER,
)
FINDINGS: st.SearchStrategy[Finding] = st.one_of(
    st.builds(Checked),
    st.builds(
        Checked,
        st.sampled_from([("Lead.Causeway_Key__c",), ("PermissionSet Causeway_Integration",)]),
        st.sampled_from([("Lead",), ()]),
        TEXTS,
    ),
    *NO_ANSWER,
)
