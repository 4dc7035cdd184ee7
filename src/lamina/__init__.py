"""Lamina: hierarchical memory for AI agents and models.

Importing this package loads nothing heavy; each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.aio import AsyncMemory
    from lamina.core.documents import Block, Origin, origins_of
    from lamina.core.errors import LaminaError
    from lamina.core.imports import Imported, ImportRules
    from lamina.core.protocols import Encoder, EncoderId
    from lamina.core.query import Citation, Context, Hit, Hits
    from lamina.core.receipts import Added, Receipt
    from lamina.core.records import Record
    from lamina.core.reports import Report, Stats
    from lamina.core.scope import Scope
    from lamina.ingest.documents import Document
    from lamina.ingest.entries import is_chat, read_export
    from lamina.ingest.html import read_html
    from lamina.ingest.messages import Message
    from lamina.ingest.pdf.reading import read_pdf
    from lamina.ingest.traces import Trace
    from lamina.memory import Memory
    from lamina.settings import Settings
    from lamina.store.sqlite.keys import make_key_file

__version__ = "0.1.0"

_PLACES = {
    "Added": "lamina.core.receipts",
    "AsyncMemory": "lamina.aio",
    "Block": "lamina.core.documents",
    "Citation": "lamina.core.query",
    "Context": "lamina.core.query",
    "Document": "lamina.ingest.documents",
    "Encoder": "lamina.core.protocols",
    "EncoderId": "lamina.core.protocols",
    "Hit": "lamina.core.query",
    "Hits": "lamina.core.query",
    "ImportRules": "lamina.core.imports",
    "Imported": "lamina.core.imports",
    "LaminaError": "lamina.core.errors",
    "Memory": "lamina.memory",
    "Message": "lamina.ingest.messages",
    "Origin": "lamina.core.documents",
    "Receipt": "lamina.core.receipts",
    "Record": "lamina.core.records",
    "Report": "lamina.core.reports",
    "Scope": "lamina.core.scope",
    "Settings": "lamina.settings",
    "Stats": "lamina.core.reports",
    "Trace": "lamina.ingest.traces",
    "is_chat": "lamina.ingest.entries",
    "make_key_file": "lamina.store.sqlite.keys",
    "origins_of": "lamina.core.documents",
    "read_export": "lamina.ingest.entries",
    "read_html": "lamina.ingest.html",
    "read_pdf": "lamina.ingest.pdf.reading",
}

__all__ = [
    "Added",
    "AsyncMemory",
    "Block",
    "Citation",
    "Context",
    "Document",
    "Encoder",
    "EncoderId",
    "Hit",
    "Hits",
    "ImportRules",
    "Imported",
    "LaminaError",
    "Memory",
    "Message",
    "Origin",
    "Receipt",
    "Record",
    "Report",
    "Scope",
    "Settings",
    "Stats",
    "Trace",
    "__version__",
    "is_chat",
    "make_key_file",
    "origins_of",
    "read_export",
    "read_html",
    "read_pdf",
]


def __getattr__(name: str) -> Any:  # a module's names have every type
    """Load a public name when it is first used."""
    if name not in _PLACES:
        raise AttributeError(f"module 'lamina' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
