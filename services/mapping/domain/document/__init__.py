"""Settings as a document that another connection can read: names beside the ids. Pure."""

from services.mapping.domain.document.data import as_data
from services.mapping.domain.document.model import (
    PARTS,
    Document,
    Names,
    OwnerRow,
    PipelineRow,
    Reference,
    StageRow,
    Unresolved,
)
from services.mapping.domain.document.reading import Resolved, resolve
from services.mapping.domain.document.writing import document_of

__all__ = [
    "PARTS",
    "Document",
    "Names",
    "OwnerRow",
    "PipelineRow",
    "Reference",
    "Resolved",
    "StageRow",
    "Unresolved",
    "as_data",
    "document_of",
    "resolve",
]
