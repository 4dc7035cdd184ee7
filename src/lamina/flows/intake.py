"""Intake: what callers hand in becomes drafts. Chooses the reader by what it is; reads nothing from a store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lamina.core.errors import InvalidArgument
from lamina.core.records import EMPTY, AtSource, Metadata
from lamina.core.time import checked_instant
from lamina.flows.add import Intake
from lamina.flows.revise import Revision
from lamina.ingest.documents import Document, read_document
from lamina.ingest.messages import Defaults, Message, read_messages
from lamina.ingest.normalise import checked_metadata, checked_speech
from lamina.ingest.times import read_time
from lamina.ingest.traces import Trace, read_trace

Addable = str | Message | Sequence[str | Message] | Document | Trace
