"""Change events: header and body, and the bytes that one subscriber gets of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import fastavro

from tests.simulators.salesforce.pubsub.bitmaps import encoded
from tests.simulators.salesforce.pubsub.bodies import nested
from tests.simulators.salesforce.pubsub.schemas import HEADER, Part
from tests.simulators.salesforce.pubsub.transactions import Draft

EVERYTHING: frozenset[str] = frozenset()
"""No field is hidden."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """An event on the bus; ``committed`` are milliseconds since 1970, of a whole second."""

    id: str
    committed: int
    commit_number: int
    transaction_key: str
    sequence_number: int
    draft: Draft
    _payloads: dict[frozenset[str], bytes] = field(default_factory=dict, compare=False)

    def payload(self, hidden: frozenset[str] = EVERYTHING) -> bytes:
        """The schemaless Avro of it, without the fields (by name) that a user may not see."""
        if hidden not in self._payloads:
            out = BytesIO()
            fastavro.schemaless_writer(out, self.draft.schema.avro, self._content(hidden))
            self._payloads[hidden] = out.getvalue()
        return self._payloads[hidden]

    def _content(self, hidden: frozenset[str]) -> dict[str, Any]:
        def seen(parts: Iterable[Part]) -> list[str]:
            return encoded(part for part in parts if part.field.name not in hidden)

        draft = self.draft
        body = draft.body
        header = {
            "entityName": draft.schema.object,
            "recordIds": list(draft.record_ids),
            "changeType": draft.change,
            "changeOrigin": draft.origin,
            "transactionKey": self.transaction_key,
            "sequenceNumber": self.sequence_number,
            "commitTimestamp": self.committed,
            "commitNumber": self.commit_number,
            "commitUser": draft.user_id,
            "nulledFields": seen(body.nulled),
            "diffFields": seen(body.diffed),
            "changedFields": seen(body.changed),
        }
        values = nested(one for one in body.values if one[0].field.name not in hidden)
        return {HEADER: header, **values}
