"""What kind of answer a question asks for, by its words alone, and whether it asks for several things.

Rules for English; of German, French and Chinese the plain question words. A text is read by its last sentence that
asks, without what is said before the asking: "I was wondering if you could remind me how many …" asks how many.
"""

import re
from functools import lru_cache
from unicodedata import normalize

from lamina.core.explanation import QuestionKind
from lamina.recall.calendar_words import GERMAN
from lamina.recall.languages import ASKED_AT_ONCE, Language, language_of

#: What is longer is no question to be parsed: its end is.
_MOST_CHARACTERS = 1_000
_FLAGS = re.IGNORECASE
#: Not behind an initial: "D. P. Varma"; nor in a German date: "8. Mai".
_SENTENCE = re.compile(
    rf"(?<=[.!?])(?<!\b[A-Z]\.)(?!(?:(?<=\b\d\.)|(?<=\b\d\d\.))\s+(?:{'|'.join(map(str.title, GERMAN.months))})\b)"
    r"\s+(?=\S)"
)
_SPACES = re.compile(r"\s+")
_ASKING = (
    "who|whom|whose|what|which|when|where|why|how|wer|wen|wem|wessen|wann|wo|wohin|woher|wie|welche[rsmn]?|warum|wieso|"
    "weshalb|womit|wovon|wozu|worüber|qui|quand|où|combien|quel(?:le)?s?|pourquoi"
)
#: With these a question for yes or no begins; and with some of them a question word is one.
AUXILIARY = (
    "am|is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|shall|might|may|isn't|aren't|wasn't|"
    "weren't|don't|doesn't|didn't|hasn't|haven't|hadn't|won't|wouldn't|can't|couldn't|shouldn't"
)
_PREPOSITION = "in|on|at|to|from|for|with|of|by|during|under|about|since|until"
#: What is said before the asking: politeness, and where somebody stands.
_POLITE = re.compile(
    r"^(?:.*\b)?(?:remind|tell|telling|know|recall) (?:me |us )?(?:again )?(?:please )?(?:of |about )?(?=(?:"
    rf"{_PREPOSITION}) (?:what|which|whom?)\b|(?:{_ASKING})\b|the name\b|the names\b)",
    _FLAGS,
)
_FRAME = re.compile(
    r"^(?:(?:and|so|but|then|also|now|ok|okay|hi|hey|hello|well|please|again)\b,? )*(?:(?:can|could|would|will) you "
    r"(?:please |kindly )?)?(?=\S)",
    _FLAGS,
)
#: "When I build an app, what …?": a clause before the comma is not what is asked.
_CLAUSE = re.compile(
    rf"^(?!between\b).*?, (?:(?:and|so|but|then) )?(?=(?:(?:{_PREPOSITION}) )?"
    rf"(?:what|which|who|whom|whose|where|when|why|how|(?:{AUXILIARY}) (?:i|you|we|they|he|she|it|there|my|the))\b)",
    _FLAGS,
)
_ASKS_FIRST = re.compile(rf"^(?!when (?:\w+ing|i|we|you) )(?:(?:{_PREPOSITION}) )?(?:{_ASKING})\b", _FLAGS)
#: "… is part of what mountain range?"
_ASKS_LATE = re.compile(
    rf"^.*\b(?=(?:(?:{_PREPOSITION}) )?(?:what|which|whom?|whose|where|when|how many|how much|how long)\b)", _FLAGS
)
_UNITS = "seconds?|minutes?|hours?|days?|weeks?|weekends?|months?|years?|time"
_PLACES = "place|city|town|village|country|state|county|continent|street|address|location|region|venue|room|part of"
_TIMES = "time|date|day|weekday|week|month|year|season|century|decade"
#: "What" or "which", at the beginning, and behind a preposition there; "what is my" and the like.
_W, _FIRST, _WHAT_IS = "(?:what|which)", rf"^(?:(?:{_PREPOSITION}) )?", "^what(?: is|'s| was| are| were)"
#: "Which was the first city": what is asked for stands behind the verb.
_WAS_THE = rf"^{_W} (?:is|was|are|were) (?:the|my|your|our|\w+'s) (?:very )?(?:first|last|next|only|\w+est) (?:\w+ )?"
_FRENCH_SUBJECT = "(?:(?:t-)?(?:je|tu|ils?|elles?|nous|vous)|t-on)"
#: What follows "what" where that names no list to choose from.
_NO_LIST = (
    rf"{AUXILIARY}|else|about|if|it|this|that|these|those|i|you|we|they|he|she|\w+ed|happens|made|makes|led|took|kept|"
    "keeps|came|comes|went|goes|gave|gives|got|gets|caused|brought"
)
_TALKED = "(?:talk|talked|speak|spoken|chat|chatted|discuss|discussed|cover|covered)"
_SO_FAR = r"(?: (?:so far|until now|up to now|to date|lately|together|yet))*\W*"
#: Such a sentence asks, whatever question stands before it.
_WISH = re.compile(
    r"^(?:please )?(?:(?:summari[sz]e|sum up|recap) |(?:give|show|tell|write|make) (?:me|us) (?:a|an|the) (?:\w+ )?"
    r"(?:chronology|timeline|summary|overview|recap|order)\b)",
    _FLAGS,
)

#: In this order; the first that is found tells the kind.
_RULES: tuple[tuple[QuestionKind, tuple[str, ...]], ...] = (
    (
        QuestionKind.ORDERING,
        (
            r"\b(?:the|what|which) (?:\w+ )?(?:order|sequence) (?:in which|of|did|do|were|was|are|is|have|had)\b",
            r"\bin (?:what|which|chronological|the right|the correct) order\b|\bin order\b(?! (?:to|for|that)\b)",
            r"\bchronolog|\btimeline of\b|\b(?:before or after|after or before)\b",
            r"^(?:what|which|who)\b.*\b(?:first|earlier|earliest|last|later|latest|sooner)\b.*\bor\b",
            r"^(?:what|which|who) .*\bcame (?:first|last)\b",
            r"^(?:order|sort|arrange) (?:these|those|the following|them)\b(?!.*\bby (?!date\b|time\b|when\b))",
            r"^(?:order|sort|arrange|list|put)\b.*\bby (?:the )?(?:date|time|day|when)\b",
            r"\bin welcher reihenfolge\b|\bdans quel ordre\b|什么顺序|先后",
        ),
    ),
    (
        QuestionKind.SUMMARY,
        (
            r"^(?:summari[sz]e|sum up|recap|describe)\b|^tell (?:me|us) (?:all |everything |more )?about\b",
            r"^(?:i|we|may i|can i|could i|give|provide|write|make|share|show)\b.*\b(?:summary|overview|recap)\b",
            rf"{_WHAT_IS} (?:the|a) (?:\w+ )?(?:summary|overview|recap)\b",
            rf"^what (?:all |else )?(?:have|did) we (?:all |ever )?{_TALKED}(?: about)?{_SO_FAR}$",
            rf"^what do you (?:know|remember)(?: about (?:me|us|our (?:conversations|chats|talks)))?{_SO_FAR}$",
            r"^(?:gib|gebt|mach|schreib)\b.*\b(?:zusammenfassung|überblick)\b|^(?:donne|fais|fait)\b.*\brésumé\b",
            r"^(?:zusammenfass|fasse?\b.*\bzusammen|résum)|总结|概括",
        ),
    ),
    (
        QuestionKind.DURATION,
        (
            rf"\bhow (?:long|many (?:\w+ )?(?:{_UNITS})|much (?:\w+ )?time)\b",
            rf"\bsince when\b|{_WHAT_IS} the duration\b",
            r"\bwie lange\b|\bseit wann\b|\bcombien de temps\b|\bdepuis (?:quand|combien)\b|多久|多长时间|几天|多少天",
        ),
    ),
    (
        QuestionKind.HOW_MANY,
        (
            r"\bhow (?:many|much|often|old|far|tall|big|large|high|heavy|fast|deep|expensive)\b",
            rf"\b{_W} (?:total |average |exact |overall )?(?:percentage|amount|number|proportion|fraction|price)\b",
            rf"{_WHAT_IS} (?:[\w'-]+ ){{1,5}}(?:number of|amount|total|percentage|price|cost|population)\b",
            rf"{_WHAT_IS} (?:the|my|your|our) (?:average|total)\b",
            r"\bwie (?:viele?(?! uhr\b)|oft|alt)\b|\bwieviele?\b|\bcombien\b|多少|几(?!点|号|月)",
        ),
    ),
    (
        QuestionKind.WHEN,
        (
            rf"{_FIRST}when\b|{_FIRST}{_W} (?:\w+ )?(?:{_TIMES})\b|\bwhen ?\?*$|^how (?:recently|soon)\b",
            rf"{_WHAT_IS} (?:the|my|your|our|\w+'s) (?:[\w-]+ )?(?:deadline|date|birthday)\b",
            rf"{_WAS_THE}(?:{_TIMES})\b",
            r"^(?:bis |ab )?wann\b|^quand\b|\bum wie viel uhr\b|^(?:in|an) welche[mr] (?:jahr|tag|monat|woche)\b",
            r"^(?:en |à |quel )?quel(?:le)? (?:année|heure|mois|jour|date)\b|什么时候|何时|哪天|哪年|几点|几号|几月",
        ),
    ),
    (
        QuestionKind.WHERE,
        (
            rf"{_FIRST}where\b|{_FIRST}{_W} (?:\w+ )?(?:{_PLACES})\b|\bwhere ?\?*$",
            rf"{_WAS_THE}(?:{_PLACES})\b",
            r"^(?:wo|wohin|woher)\b|^(?:d')?où\b|^in welche[rmns]? (?:stadt|land|ort|dorf|straße|haus)\b",
            r"^(?:dans |en |à )?quel(?:le)? (?:ville|pays|rue|endroit|village)\b|哪里|哪儿|在哪",
        ),
    ),
    (
        QuestionKind.WHO,
        (
            rf"{_FIRST}(?:who|whom|whose)\b|{_FIRST}{_W} (?:\w+ )?(?:person|people|man|woman|friends?)\b",
            rf"\bby whom? ?\?*$|{_WHAT_IS} the name of (?:the|my|your) (?:person|man|woman|friend)\b",
            rf"{_WAS_THE}(?:person|people|man|woman|friends?)\b",
            r"^(?:mit |an |von |für |bei )?(?:wer|wen|wem|wessen)\b|^(?:à |de |avec |pour |chez )?qui\b|谁",
        ),
    ),
    (
        QuestionKind.PREFERENCE,
        (
            r"\b(?:favou?rites?|prefer(?:s|red|ences?)?|rather)\b",
            r"\b(?:do|does|would) (?!you\b)(?:[\w'-]+ ){1,3}?(?:like|enjoy|love|hate|dislike)\b",
            r"\bany (?:\w+ )?(?:tips|ideas|advice|suggestions|recommendations)\b",
            r"\b(?:would|do|can|could|should) you (?:please )?(?:suggest|recommend|advise)\b|^(?:suggest|recommend)\b",
            rf"^{_W}\b.*\b(?:should|shall) (?:i|we)\b",
            r"\blieblings|\bpréfér|\bam liebsten\b",
        ),
    ),
    (
        QuestionKind.INSTRUCTION,
        (
            r"^(?:show|help|teach|explain|write|make|create|draft|translate|compose|generate|build|plan|set up|fix)\b",
            r"^(?:implement|convert|design|prepare|rewrite|calculate|compare|schedule|remember|always|never|guide)\b",
            r"^give (?:me|us) (?:an? |some )?(?:\w+ )?(?:examples?|code|script|recipe|template)\b",
            r"^(?:walk (?:me|us) through|remind (?:me|us) to)\b",
            r"^how (?:do|can|should|could|would|might) (?:i|we|one)\b|^how (?:to|would you)\b|^(?:what|which) steps\b",
            r"^wie (?:kann|soll) ich\b|^comment (?:puis-je|faire)\b",
        ),
    ),
    (
        QuestionKind.WHICH,
        (
            rf"{_FIRST}which\b|{_FIRST}what (?!(?:{_NO_LIST})\b)[\w+#/.'-]+|^(?:list|name|enumerate)\b",
            rf"^(?:{AUXILIARY})\b.*\b(?:more|better|either)\b.*\bor\b",
            rf"{_WAS_THE}\w",
            r"^(?:in |an |auf |mit |zu |von |aus )?welche[rsmn]?\b|^(?:dans |à |de |avec )?quel(?:le)?s?\b",
            r"^(?:lequel|laquelle|lesquel(?:le)?s)\b|哪(?!里|儿|天|年)",
        ),
    ),
    (
        QuestionKind.YES_NO,
        (
            rf"^(?:{AUXILIARY})\b|吗",
            r"^(?:war|waren|wird|werde|werden|darf|muss|soll|sollte|gibt es|hatte|hatten|bin|bist|habt|will)\b",
            r"^(?:hat|hast|habe|haben|ist|sind|wurde|wurden|kann|kannst)\b",  # codespell:ignore ist
            rf"^(?:y )?\w+-(?:{_FRENCH_SUBJECT}|on|ce)\b|^(?!(?:pourquoi|comment|que)\b)\w+ \w+-{_FRENCH_SUBJECT}\b",
            r"^est-ce qu",
        ),
    ),
)
_PATTERNS = tuple((kind, re.compile("|".join(patterns), _FLAGS)) for kind, patterns in _RULES)
#: Of letters of the alphabet alone, no text that holds none of these matches the rules of that kind, which take longer.
_HINTS = {
    kind: tuple(hints.split())
    for kind, hints in (
        (
            QuestionKind.ORDERING,
            "order sequence chronolog timeline before after first earl last late sooner sort arrange list put "
            "reihenfolge ordre",
        ),
        (QuestionKind.DURATION, "how since duration wie seit combien depuis"),
        (
            QuestionKind.HOW_MANY,
            "how wie combien number amount total average percentage proportion fraction price cost population",
        ),
        (
            QuestionKind.WHEN,
            "when how time date day week month year season century decade deadline wann quand uhr jahr tag monat woche "
            "heure mois jour",
        ),
        (
            QuestionKind.PREFERENCE,
            "favo prefer rather like enjoy love hate tips ideas advice suggest recommend advise should shall lieb",
        ),
    )
}
_KINDS_OF_SEVERAL = frozenset({QuestionKind.ORDERING, QuestionKind.SUMMARY})
_SEVERAL = re.compile(
    rf"\b(?:all|every|both|each|various|several|different|altogether|in total|in common|list|names of)\b"
    rf"|\b{_W} (?:are|were|else)\b|\bwho (?:are|were) (?!you\b)"
    r"|\b(?:quel(?:le)?s|lesquel(?:le)?s)\b|\bbetween\b.+\band\b|\b(?:what|who|where|which)\b.* all\b",
    _FLAGS,
)
#: "Which old books did", "what kinds of": the word before the verb, or before "of", is the one that counts.
_COUNTED_WORD = re.compile(
    rf"\b{_W} (?!of\b)(?:[\w+#/.'-]+ ){{0,3}}?(?P<noun>[\w+#/.'-]+) (?P<verb>of|{AUXILIARY}|might|to)\b", _FLAGS
)
_PLURAL = re.compile(r"^(?:\w*(?:men|people|children|kids)|.*[^\Wsui](?:'?s))$", _FLAGS)
_NOT_PLURAL = frozenset("news series species lens mathematics physics politics always perhaps does was has".split())
_TWO_NAMES = re.compile(r"(?<!^)\b[A-Z][\w'-]*[^\W\d_A-Z][\w'-]* (?:and|or) [A-Z][\w'-]*[^\W\d_A-Z]")


@lru_cache(maxsize=ASKED_AT_ONCE)
def kind_of(text: str) -> QuestionKind:
    """Give the kind of answer that a question asks for; OTHER where no rule knows."""
    asked = asked_part(text)
    kind = _ruled(asked)
    if kind is not QuestionKind.OTHER or _ASKS_FIRST.match(asked):
        return kind
    rest = _ASKS_LATE.sub("", asked)
    return kind if rest == asked else _ruled(rest)


@lru_cache(maxsize=ASKED_AT_ONCE)
def wants_several(text: str, *, kind: QuestionKind) -> bool:
    """Say whether a question of that kind asks for several things: a list, what two share, an order, a summary."""
    asked = asked_part(text)
    if kind in _KINDS_OF_SEVERAL or _SEVERAL.search(asked) or _TWO_NAMES.search(asked):
        return True
    return any(_is_plural(match["noun"]) for match in _COUNTED_WORD.finditer(asked))


def _ruled(asked: str) -> QuestionKind:
    found = (kind for kind, pattern in _PATTERNS if _may_ask(kind, asked) and pattern.search(asked))
    kind = next(found, QuestionKind.OTHER)
    # German "was" asks what.
    is_what = kind is QuestionKind.YES_NO and asked[:4].lower() == "was " and language_of(asked) is Language.GERMAN
    return QuestionKind.OTHER if is_what else kind


def _may_ask(kind: QuestionKind, asked: str) -> bool:
    """Say whether a question may be of a kind, before its rules are tried."""
    hints, lowered = _HINTS.get(kind), asked.lower()
    return hints is None or not asked.isascii() or any(hint in lowered for hint in hints)


@lru_cache(maxsize=ASKED_AT_ONCE)
def asked_part(text: str) -> str:
    """Give the last sentence that asks, or the last, from where it asks."""
    end = normalize("NFC", text[-_MOST_CHARACTERS:]).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    sentences = _SENTENCE.split(_SPACES.sub(" ", end).strip())
    asking = (sentence for sentence in reversed(sentences) if sentence.endswith("?") or _WISH.match(sentence))
    asked = next(asking, sentences[-1])
    asked = _FRAME.sub("", _POLITE.sub("", asked))
    return asked if _ASKS_FIRST.match(asked) else _FRAME.sub("", _CLAUSE.sub("", asked))


def _is_plural(noun: str) -> bool:
    return noun.casefold() not in _NOT_PLURAL and _PLURAL.match(noun) is not None
