"""Heads: where the log of a wall ended, to be kept elsewhere, so that a log that was written anew is found out.

The chain of a log detects an edit; whoever can compute the whole chain again is detected by a head that lies where
they do not write.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from lamina.core.chain import GENESIS
from lamina.core.errors import InvalidArgument
from lamina.core.operations import Operation
from lamina.core.scope import Wall
from lamina.core.time import from_us, to_us

#: The version of what `Head.to_json` writes.
HEAD_FORMAT = 1
_ADVICE = "hand in what `memory.head()`, or `lamina log FILE --head`, gave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry of a wall's log at some moment; it holds no words."""

    wall: Wall
    #: The sequence number of the operation; 0 = the log was empty.
    number: int
    #: The link of the chain at that operation.
    chain: bytes
    #: When that operation was recorded; None of an empty log.
    recorded_at: datetime | None = None

    @classmethod
    def of(cls, wall: Wall, last: Operation | None) -> "Head":
        """Give the head of the log of `wall` that ends with `last`; None = it is empty."""
        if last is None:
            return cls(wall=wall, number=0, chain=GENESIS)
        return cls(wall=wall, number=last.number, chain=last.chain, recorded_at=last.recorded_at)

    def to_json(self) -> str:
        """Give it as JSON on one line: tenant, user (null = shared), number, microseconds since 1970, chain in hex."""
        told = {
            "lamina_head": HEAD_FORMAT,
            "tenant": self.wall.tenant,
            "user": self.wall.user,
            "number": self.number,
            "recorded_us": None if self.recorded_at is None else to_us(self.recorded_at),
            "chain": self.chain.hex(),
        }
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Head":
        """Read what `to_json` wrote.

        Raises:
            InvalidArgument: anything else, or what a newer Lamina wrote.
        """
        try:
            told = json.loads(text)
            kind = told["lamina_head"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InvalidArgument("heads", "holds what is no head", _ADVICE) from None
        if kind != HEAD_FORMAT:
            problem = f"holds a head of format {kind!r}, and this Lamina reads {HEAD_FORMAT}"
            raise InvalidArgument("heads", problem, "upgrade Lamina (pip install --upgrade lamina)")
        try:
            recorded_us = told["recorded_us"]
            return cls(
                wall=Wall(str(told["tenant"]), None if told["user"] is None else str(told["user"])),
                number=int(told["number"]),
                chain=bytes.fromhex(told["chain"]),
                recorded_at=None if recorded_us is None else from_us(int(recorded_us)),
            )
        except (ValueError, TypeError, KeyError, OverflowError):
            raise InvalidArgument("heads", "holds a head that is damaged", _ADVICE) from None
