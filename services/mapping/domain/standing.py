"""What still stands of all that changed in the CRMs since the settings were made. Pure."""

from dataclasses import dataclass

from services.mapping.domain.hits import Effect, Finding, Hit, Report
from services.mapping.domain.model import Unread

MAX_STANDING = 200
"""Findings that are shown as warnings; an admin who has more starts at the top all the same."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Findings that hit mappings of `version`, and the objects that the grants do not reach."""

    version: int = 0
    findings: tuple[Finding, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All hits, each once."""
        found = {hit: None for finding in self.findings for hit in finding.hits}
        return tuple(found)

    def warnings(self, version: int) -> tuple[str, ...]:
        """What an admin should know of settings of a version; none for a newer one.

        A version that was made since was judged by the fields as they are now.
        """
        return tuple(hit.text for hit in self.hits) if version == self.version else ()


def standing(
    before: Standing, report: Report, version: int, unread: tuple[Unread, ...] = ()
) -> Standing:
    """What stands after one more refresh.

    A finding goes when its place changes again, when the mappings that it refused are possible
    again, and with a new version of the settings.
    """
    changed = {finding.place for finding in report.findings}
    old = before.findings if before.version == version else ()
    kept = [_still(finding, report) for finding in old if finding.place not in changed]
    found = [*(finding for finding in report.findings if finding.hits), *kept]
    return Standing(version, tuple(one for one in found if one.hits)[:MAX_STANDING], unread)


def _still(finding: Finding, report: Report) -> Finding:
    hits = tuple(
        hit
        for hit in finding.hits
        if hit.effect is not Effect.REFUSED or hit.pair in report.refused
    )
    return Finding(finding.place, finding.kind, finding.label, finding.detail, finding.values, hits)
