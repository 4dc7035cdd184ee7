"""Turns that ask: how much of a text is questions, and whether it ends with one.

Among people what only asks answers nothing, and what is said right behind a question may. What a user asks an
assistant is different: it tells of the user. So the words of somebody with a name and no role count here alone.
"""

import re

from lamina.core.rows import IndexRow

#: Of a code: the share of the text that is questions, in so many parts; whether somebody with a name says it; and
#: whether it ends with a question.
SHARES, NAMED, ENDS = 63, 64, 128
_MARKS = ("?", "\uff1f", "\u061f", "\u037e")
_SENTENCE = re.compile(r"(?<=[.!?\u061f\u037e])\s+|(?<=[\uff1f\u3002\uff01])")
_CLOSING = " \t\r\n\"'()[]\u2019\u201d\u00bb\u300d\u300f*_~"


def asking_code(row: IndexRow) -> int:
    """Give how much of a row's text is questions, as a code below 256; 0 for what nobody with a name says."""
    if row.speaker is None or row.role is not None:
        return 0
    if not any(mark in row.text for mark in _MARKS):
        return NAMED
    sentences = [sentence for sentence in _SENTENCE.split(row.text) if sentence]
    lengths = [len(sentence) for sentence in sentences]
    asking = [_asks(sentence) for sentence in sentences]
    share = sum(length for length, asks in zip(lengths, asking, strict=True) if asks) / sum(lengths)
    return round(SHARES * share) | NAMED | (ENDS if asking[-1] else 0)


def _asks(sentence: str) -> bool:
    return sentence.rstrip(_CLOSING).endswith(_MARKS)
