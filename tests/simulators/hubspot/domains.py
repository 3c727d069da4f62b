"""Which companies have a domain, for contacts that join theirs by themselves."""

from tests.simulators.hubspot.model import Change, Record
from tests.simulators.hubspot.object_types import COMPANY
from tests.simulators.hubspot.store import RecordStore


class CompanyDomains:
    """Domain -> live companies, those first that have had it longest."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self.reset()

    def reset(self) -> None:
        """No companies."""
        self._holders: dict[str, dict[int, None]] = {}
        self._domain_of: dict[int, str] = {}

    def hear(self, change: Change) -> None:
        """A company may have got another domain, or be gone."""
        if change.type is not COMPANY:
            return
        merged = change.details.get("mergedObjectIds", ())
        for company_id in (change.record_id, change.details.get("primaryObjectId"), *merged):
            if company_id is not None:
                self._look(company_id)

    def _look(self, company_id: int) -> None:
        record = self._store.get(COMPANY, company_id)
        domain = "" if record is None else record.values.get("domain", "")
        before = self._domain_of.pop(company_id, "")
        if domain:
            self._domain_of[company_id] = domain
        if domain == before:
            return
        if before:
            del self._holders[before][company_id]
        if domain:
            self._holders.setdefault(domain, {})[company_id] = None

    def first(self, domain: str) -> Record | None:
        """The company that a contact with an address of this domain joins."""
        for company_id in self._holders.get(domain, ()):
            return self._store.get(COMPANY, company_id)
        return None
