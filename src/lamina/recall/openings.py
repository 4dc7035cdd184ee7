"""How a question begins: what is said around the asking is left out, and a long way of asking is said in a word.

"Can you remind me on which date Ada moved? Thanks!" asks what "When Ada moved?" asks. No text that answers holds
"remind" or "date" for it, and a vector of the whole lies away from theirs. Left out is what holds nothing but words by
which somebody says that he asks; in English, German, French and Chinese. Long ways of asking are known in
English.
"""

import re
from dataclasses import dataclass

from lamina.recall.kinds import AUXILIARY
from lamina.recall.languages import Language, language_of

#: What is longer is neither an opening nor an ending.
MOST_CHARACTERS = 200
_FLAGS = re.IGNORECASE
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Talk:
    """The words of one language by which somebody says that he asks, and the words that ask."""

    #: One of these, a mark at the end, or nothing but fillers is in every opening.
    asking: frozenset[str]
    #: And these may stand beside them: who asks and is asked, politeness, what is said of the asking itself.
    beside: frozenset[str]
    fillers: frozenset[str]
    #: Where an asking may begin: at a question word, with its preposition, or behind a mark at a verb that asks.
    asks: re.Pattern[str]
    asks_by_a_word: re.Pattern[str]

    @classmethod
    def of(cls, asking: str, beside: str, fillers: str, *, words: str, verbs: str = "") -> "_Talk":
        """Read the words of a language; `words` and `verbs` are patterns of what asks."""
        behind_a_mark = rf"|(?<=[,.:;!?–—-] )(?:{verbs})\b" if verbs else ""
        return cls(
            frozenset(asking.split()),
            frozenset(beside.split()),
            frozenset(fillers.split()),
            re.compile(rf"(?<![\w'’-])(?:{words})\b{behind_a_mark}", _FLAGS),
            re.compile(rf"(?:{words})\b", _FLAGS),
        )

    def is_all(self, text: str) -> bool:
        """Say whether a text says no more than that somebody asks."""
        words = [match[0].lower().replace("’", "'") for match in _WORD.finditer(text)]
        says_so = not text.rstrip()[-1:].isalnum() or self.fillers.issuperset(words)
        return all(word in self.asking or word in self.beside or word in self.fillers for word in words) and (
            says_so or any(word in self.asking for word in words)
        )


_TALK = {
    Language.ENGLISH: _Talk.of(
        "answer ask asking check clarify clue clueless confirm curious dig explain figure find forget forgot "
        "forgotten hear help idea inform know look memory mind notes pull question questions recall recollect refresh "
        "remember remind say sure tell understand wonder wondered wondering",
        "a about again ahead all already also an another any anything are as at awful bad been before bit blank "
        "bother bothering brief briefly bring but by can can't cannot chance chat chats cheers clear context "
        "conversation conversations could couldn't curiosity did didn't discussed do don't earlier else escaped "
        "escapes escaping for from good got great had happen happens have haven't having here honest hope i i'd i'll "
        "i'm i've if in is it it's its just keep kindly lately last let like long love may maybe me mentioned might "
        "minute moment more morning afternoon evening my need next no not now of off on once one or other out over "
        "past perhaps poor possible possibly previous previously problem quick quickly quite real really record "
        "records recently refreshing said second see short simple slip slipped some something sorry still stuff talk "
        "talked talking thank thanks that that's the there thing things this though thought thx time tiny to told too "
        "trouble try trying turn u up us very wanna want wanted was we were what's while will with work would "
        "wouldn't you you'd you're you've your",
        "and but hello hey hi hmm oh ok okay please pls q right so uh um well yo",
        words="(?:(?:in|on|at|to|from|for|with|of|by|during|under|since|until) )?"
        "(?:what|which|who|whom|whose|when|where|why|how)",
        verbs=AUXILIARY,
    ),
    Language.GERMAN: _Talk.of(
        "ahnung erinnere erinnern erinnerst erklär erklären erzähl erzähle erzählen frage fragen gefragt idee "
        "nachsehen nachschauen sag sage sagen sagst schauen vergessen verrate verraten weiss weisst weiß weißt wissen "
        "wüsste wüsstest",
        "bitte daran danach das dass dich dir du ein eine einmal entfallen es etwas euch ganz genau gerade gern gerne "
        "gesagt habe haben hast hätte ich ihnen ihr ist kannst kurz kurze können könnte könntest könnten leider mal "
        "mehr mich mir möchte nicht noch nochmal ob schnell uns vielleicht wieder will wollte würde würdest zu dank "
        "danke vielen eigentlich sie",  # codespell:ignore sie
        "aber also ach hallo hey hi na ok okay so und",
        words="(?:(?:an|auf|aus|bei|für|in|mit|nach|seit|um|von|zu|ab|bis) )?"
        "(?:wer|wen|wem|wessen|wann|wo|wohin|woher|wie|was|welche[rsmn]?|warum|wieso|weshalb|womit|wovon|wozu|worüber|wofür)",
    ),
    Language.FRENCH: _Talk.of(
        "demande demander dire dis dites idée oublié question rappelle rappeler rappelles rappelez redire redis "
        "savez savoir souvenez souvenir souviens souvient sais",  # codespell:ignore sais
        "ai aimerais avez bien bonjour de du en encore est-ce que j'ai j'aimerais j'avais j'oublie je l'esprit me "
        "m'as merci moi ne n'ai nous pas petite peux peux-tu plaît plus pourrais pourrais-tu pourriez-vous pouvez "
        "pouvez-vous s'il si souviens-tu sais-tu savez-vous rappelles-tu dis-moi dites-moi rappelle-moi rappelez-moi "
        "t'en tu une veux voudrais vous à beaucoup curieux simplement juste "
        "te toi avance",  # codespell:ignore te,toi,avance
        "ah alors bon donc et hé mais ok salut stp svp",
        words="(?:(?:à|avec|chez|dans|de|depuis|en|par|pour|sur) )?"
        "(?:qui|quoi|quand|où|comment|pourquoi|combien|quel(?:le)?s?|lequel|laquelle|lesquel(?:le)?s)",
    ),
}
_WHAT = "(?:what|which)"
_EXACT = "(?:exact |specific |particular |precise |exactly |precisely )?"
_BY_A_WORD = "(?P<word>what|which|who|when|where|why|how)"
#: A long way of asking, and the word for it; none where it is the word itself that has company.
_LONG = tuple(
    (re.compile(rf"{long}(?= \w)", _FLAGS), short)
    for long, short in (
        (
            rf"(?:(?:on|at|by|around|about) )?{_WHAT} {_EXACT}(?:date|day|time|moment|point|point in time)"
            rf"(?= (?:{AUXILIARY}|i|you|we|they|he|she|it|my|our|the)\b)",
            "When",
        ),
        (rf"(?:(?:in|at) )?{_WHAT} {_EXACT}(?:place|location|spot)(?= (?:{AUXILIARY})\b)|whereabouts", "Where"),
        (rf"for {_WHAT} {_EXACT}(?:reason|cause|purpose)s?|how come|{_WHAT} (?:is|was) the reason (?:that|why)", "Why"),
        (
            rf"{_WHAT} person(?= (?:{AUXILIARY}|\w+ed)\b)|who(?:'s| is| was) (?:it|the one|the person) (?:that|who)",
            "Who",
        ),
        (r"(?:for )?(?:how much time|(?:what|how great a) (?:length|amount|span) of time|what duration)", "How long"),
        (r"how (?:frequently|regularly)", "How often"),
        (rf"(?:{_WHAT}|how (?:large|great|big|high) an?) (?:total )?number of", "How many"),
        (rf"(?:{_WHAT}|how (?:large|great|big) an?) (?:amount|quantity) of", "How much"),
        (rf"(?:in |by ){_WHAT} (?:way|manner|means)", "How"),
        (rf"{_WHAT} {_EXACT}(?:sort|variety) of", "What kind of"),
        (r"which (?:things?|thing or things)|what (?:stuff|things|all)", "What"),
        (rf"(?:just |exactly |precisely )?{_BY_A_WORD} (?:exactly|precisely|specifically)", None),
        (rf"(?:just|exactly|precisely) {_BY_A_WORD}", None),
    )
)
_HAN = re.compile("[\u4e00-\u9fff]")
#: In Chinese, which has no blanks: what asks to be told, before what a question word asks.
_CHINESE_OPENING = re.compile(
    r"(?:你好|对了|请)?[，,：:\s]*(?:问|(?:你|您)?(?:能不能|可不可以|能否|可否|可以|能|还|是否|请|帮我|再)*"
    r"(?:告诉|提醒|记得|知道|说)(?:一下)?+(?:我们|我)?+(?:一下)?+|我(?:想|很想)(?:知道|问)(?:一下)?|我(?:忘了|不记得了?|想不起来了?))"
    r"[，,：:\s]*+(?![的了过什啥])(?=.*(?:谁|什么|啥|哪|怎|多少|多久|多长|几|何))"
)
_CHINESE_ENDING = re.compile(r"吗(?=[？?]?$)")


def plainly(text: str) -> str:
    """Give a question without what is said around the asking, and in the plain word where it asks in several."""
    if _HAN.search(text, 0, MOST_CHARACTERS):
        opening = _CHINESE_OPENING.match(text[:MOST_CHARACTERS])
        return _CHINESE_ENDING.sub("", text[opening.end() :]) if opening else text
    language, given = language_of(text), text.strip()
    talk = _TALK[language]
    asked = _shortened(_without_ending(_without_opening(given, talk), talk))
    if asked == given or not asked:
        return text
    plain = asked[0].upper() + asked[1:] if given[0].isupper() else asked
    return f"{plain[:-1]}?" if plain.endswith(".") and talk.asks_by_a_word.match(plain) else plain


def _without_opening(text: str, talk: _Talk) -> str:
    """Leave out what stands before the asking, as long as it says no more than that somebody asks."""
    while not talk.asks_by_a_word.match(text):
        asking = talk.asks.search(text, 1, MOST_CHARACTERS)
        if asking is None or not talk.is_all(text[: asking.start()]):
            return text
        text = text[asking.start() :]
    return text


def _without_ending(text: str, talk: _Talk) -> str:
    """Leave out what stands behind the question mark likewise: thanks, and how to answer."""
    asked, mark, rest = text.rpartition("?")
    return asked + mark if mark and rest and len(rest) <= MOST_CHARACTERS and talk.is_all(f"{rest}.") else text


def _shortened(text: str) -> str:
    """Say a long way of asking in a word."""
    for long, short in _LONG:
        found = long.match(text)
        if found:
            return (short or found["word"]) + text[found.end() :]
    return text
