"""How a question begins: what is said around the asking is left out, and a long way of asking is said in a word.

"Can you remind me on which date Ada moved? Thanks!" asks what "When Ada moved?" asks. No text that answers holds
"remind" or "date" for it, and a vector of the whole lies away from theirs. Left out are the ways in which people ask to
be told, right before an asking, and thanks behind it; in English, German, French and Chinese. Whatever names a day, a
person or a thing stays. Long ways of asking are known in English.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from lamina.recall.kinds import AUXILIARY
from lamina.recall.languages import Language, language_of
from lamina.recall.ranges import days_and_rest

#: What is longer is neither an opening nor an ending.
MOST_CHARACTERS = 200
_FLAGS = re.IGNORECASE
_HAN = re.compile("[\u4e00-\u9fff]")
_SENTENCE_ENDS = re.compile(r"[.!?] ")


@dataclass(frozen=True, slots=True)
class _Talk:
    """How people ask to be told in one language."""

    #: What asks to be told, with the blanks behind it: right before a question word, or before any question.
    openings: tuple[re.Pattern[str], ...]
    #: Thanks, behind the question mark.
    ending: re.Pattern[str]
    #: A question word, with its preposition.
    asks: re.Pattern[str]

    @classmethod
    def of(cls, telling: tuple[str, ...], greeting: tuple[str, ...], *, asks: str, begins: str, thanks: str) -> "_Talk":
        """Read patterns: what asks to be told, and what may stand before that; the words with which either begins."""
        openings = [re.compile(rf"(?:{pattern})[,:]? +(?=(?:{asks})\b)", _FLAGS) for pattern in telling]
        any_asks = rf"(?:{asks}|{AUXILIARY}|{begins})\b"
        openings += [re.compile(rf"(?:{pattern})[,.!:;?–—-]* +(?={any_asks})", _FLAGS) for pattern in greeting]
        ending = re.compile(rf"(?<=[?？]) *(?:{thanks})[ .!]*$", _FLAGS)
        return cls(tuple(openings), ending, re.compile(rf"(?:{asks})\b", _FLAGS))


_OFTEN = "(?: (?:please|kindly|just|also|quickly|again|maybe|perhaps|possibly|once more|really|actually|even|still))*"
_ME = f"(?: (?:me|us))?{_OFTEN}"
_TOLD = rf"(?:tell{_ME}|remind{_ME}|let{_ME} know|(?:help{_ME} )?(?:remember|recall)|confirm|check|look up|find out)"
_LEARN = "(?:know|ask|hear|remember|recall|check|confirm|find out|work out|figure out|understand)"
_TALK = {
    Language.ENGLISH: _Talk.of(
        (
            rf"(?:please )?(?:can|could|would|will) you{_OFTEN} {_TOLD}{_OFTEN}(?: about)?",
            rf"(?:please |kindly |just )*(?:tell|remind) (?:me|us){_OFTEN}(?: about)?|(?:please )?(?:let me know|say)",
            rf"(?:please )?(?:do|would) you{_OFTEN}(?: happen to)?{_OFTEN} (?:know|remember|recall|have any idea)",
            rf"(?:is there )?any (?:idea|clue|chance (?:that )?you{_OFTEN} (?:know|remember|recall|can tell me))",
            rf"(?:i|we)(?:'d| would| want| wanted| need| was| am|'m|'re| are| were){_OFTEN}(?: (?:like|love))?"
            rf"(?: to {_LEARN}| wondering| curious| trying to {_LEARN}| not(?: quite)? sure| unsure)(?: about)?",
            rf"i{_OFTEN}(?: totally| completely)? (?:forgot|forget|wonder|wondered|have forgotten|have no idea|"
            rf"(?:can't|cannot|don't|do not|couldn't)(?: for the life of me)?{_OFTEN} (?:remember|recall|know))",
            r"i've(?: totally| completely)? forgotten|it(?:'s| has)? slipped my mind|i'm blanking on",
            rf"(?:would you mind|mind) (?:telling|reminding) (?:me|us){_OFTEN}",
            rf"(?:i(?:'d| would) (?:be grateful|appreciate it) if you could|(?:are you|would you be) able to) {_TOLD}",
            rf"(?:can|could|may) i{_OFTEN} ask(?: you)?|refresh my memory(?: on| about)?",
            r"what i(?:'d| would) like to know is",
        ),
        (
            r"(?:hi|hey|hello|yo)(?: there)?|ok(?:ay)?|u[hm]+|hm+|oh|please|pls|sorry|thanks|good (?:morning|evening)",
            r"(?:a |one (?:more )?|another |just a )?(?:quick |random )?question(?: for you)?(?=[,.!:?])",
            r"just (?:curious|checking|wondering|to be (?:sure|clear))(?=[,.!:])|(?:remind|tell) me(?=[,:])",
            r"(?:out of curiosity|by the way|btw|help me out here|i forgot|(?:i )?need to know|random thought)(?=[,:])",
            r"(?:as|so) far as you (?:know|remember|recall|can tell)(?=,)|from what you (?:know|remember|recall)(?=,)",
            r"(?:can|could|may) i ask(?: you)? (?:something|a question|one thing)(?=[?.,:])",
            r"so(?=,)|well(?=,)|and(?=,)|right(?=,)",
        ),
        asks="(?:(?:in|on|at|to|from|for|with|of|by|during|under|since|until) )?"
        "(?:what|which|who|whom|whose|when|where|why|how)",
        begins="i|i'd|i'm|i've|we|please (?:tell|remind|can|could)|kindly|tell|remind|say|let|any|just|quick|one more|"
        "another|mind|ok|um|well|so",
        thanks="(?:many |so many )?thanks(?: a lot| so much| in advance| again)?|thank you(?: so much)?(?: in "
        "advance)?|thx|ty|cheers|please|pls|(?:a )?(?:short|brief) answer,? please",
    ),
    Language.GERMAN: _Talk.of(
        (
            "(?:kannst du|könntest du|können sie|könnten sie|würdest du)"  # codespell:ignore sie
            "(?: (?:mir|uns|bitte|nochmal|noch einmal|kurz|vielleicht))* (?:sagen|verraten|erzählen|erklären)",
            "(?:sag|sagen sie|erzähl|verrate?)"  # codespell:ignore sie
            "(?: (?:mir|uns|bitte|nochmal|noch einmal|mal))+",
            "(?:weißt du|weisst du|wissen sie)(?: (?:noch|vielleicht))*|"  # codespell:ignore sie
            "erinnerst du dich(?: noch)?(?: daran)?",
            "ich (?:möchte|will|wollte|würde)(?: (?:gern|gerne|nur|noch))* wissen|"
            "ich (?:frage mich|weiß nicht mehr|habe? vergessen)|(?:hast du )?(?:eine|irgendeine) ahnung",
        ),
        ("hallo|hi|hey|bitte|entschuldigung|(?:eine )?(?:kurze )?frage(?=[,:])|guten (?:morgen|abend)",),
        asks="(?:(?:an|auf|aus|bei|für|in|mit|nach|seit|um|von|zu|ab|bis) )?"
        "(?:wer|wen|wem|wessen|wann|wo|wohin|woher|wie|was|welche[rsmn]?|warum|wieso|weshalb|womit|wovon|wozu|worüber|wofür)",
        begins="ich|kannst|könntest|können|könnten|würdest|sag|weißt|wissen|erinnerst|"
        "hast|hat|ist|war|gibt|bitte",  # codespell:ignore ist
        thanks="danke(?: dir| schön| im voraus)?|vielen dank|besten dank|bitte",
    ),
    Language.FRENCH: _Talk.of(
        (
            "(?:peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|tu peux|vous pouvez)(?: (?:me|nous|encore))* "
            "(?:dire|rappeler|redire)",
            "(?:dis|dites|rappelle|rappelez|redis)-(?:moi|nous)(?: encore)?",
            "(?:tu te souviens|te souviens-tu|tu te rappelles|tu sais|sais-tu|"  # codespell:ignore te,sais
            "vous souvenez-vous|savez-vous)(?: (?:encore|de))*",
            "(?:j'aimerais|je voudrais|je veux)(?: bien)? savoir|j'ai oublié|je me demande|"
            "je ne (?:sais|me souviens|me rappelle) (?:plus|pas)",  # codespell:ignore sais
        ),
        (
            "bonjour|salut|bonsoir|pardon|s'il (?:te|vous) plaît|"  # codespell:ignore te
            "(?:une )?(?:petite )?question(?=[,:])",
        ),
        asks="(?:(?:à|avec|chez|dans|de|depuis|en|par|pour|sur) )?"
        "(?:qui|quoi|quand|où|comment|pourquoi|combien|quel(?:le)?s?|lequel|laquelle|lesquel(?:le)?s)",
        begins="je|j'ai|j'aimerais|tu|peux-tu|pouvez-vous|pourrais-tu|"
        "sais-tu|savez-vous|dis|est-ce|est|a",  # codespell:ignore sais
        thanks="merci(?: beaucoup| d'avance| bien)?|s'il (?:te|vous) plaît",  # codespell:ignore te
    ),
}
_WHAT = "(?:what|which)"
_EXACT = "(?:exact |specific |particular |precise )?"
_ASKS = rf"(?= (?:{AUXILIARY})\b)"
_ASKS_OR_TELLS = rf"(?= (?!(?:of|for|in)\b)(?:{AUXILIARY}|[^\W_]+ [^\W_]+)\b)"
#: A long way of asking, and the word for it; none where it is the word itself that has company.
_LONG = tuple(
    (re.compile(long, _FLAGS), short)
    for long, short in (
        (
            rf"(?:on|at|by|around|about) {_WHAT} {_EXACT}(?:date|day|time|moment|point|point in time){_ASKS_OR_TELLS}",
            "When",
        ),
        (rf"(?:in|at) {_WHAT} {_EXACT}(?:place|location|spot){_ASKS_OR_TELLS}|whereabouts{_ASKS}", "Where"),
        (rf"for {_WHAT} {_EXACT}reasons?{_ASKS_OR_TELLS}|how come(?= (?!up\b|to\b)\w)", "Why"),
        (rf"{_WHAT} person(?= (?:{AUXILIARY})\b)|who(?:'s| is| was) the (?:one|person) (?:that|who)(?= \w)", "Who"),
        (rf"(?:for )?(?:how much time|(?:what|how great a) (?:length|amount|span) of time){_ASKS}", "How long"),
        (rf"how (?:frequently|regularly){_ASKS}", "How often"),
        (
            rf"(?:{_WHAT}|how (?:large|great|big) a) number of(?= (?:[\w-]*[^\Wsui]s|people|children)\b)",
            "How many",
        ),
        (rf"in {_WHAT} (?:way|manner){_ASKS}", "How"),
        (r"(?:what|which) sort of(?= \w)", "What kind of"),
        (rf"which things?{_ASKS}|what stuff{_ASKS}", "What"),
        (rf"(?P<word>what|which|who|when|where|why) (?:exactly|precisely){_ASKS}", None),
        (r"(?:just |exactly |precisely )(?P<word>what|which|who|when|where|why|how)(?= \w)", None),
    )
)
#: In Chinese, which has no blanks: what asks to be told, before what a question word asks.
_CHINESE_OPENING = re.compile(
    r"(?:你好|对了|请)?[，,：:\s]*(?:问|(?:你|您)?(?:能不能|可不可以|能否|可否|可以|能|还|是否|请|帮我|再)*"
    r"(?:告诉|提醒|记得|知道|说)(?:一下)?+(?:我们|我)?+(?:一下)?+|我(?:想|很想)(?:知道|问)(?:一下)?|我(?:忘了|不记得了?|想不起来了?))"
    r"[，,：:\s]*+(?![的了过什啥])(?=.*(?:谁|什么|啥|哪|怎|多少|多久|多长|几|何))"
)
_CHINESE_ENDING = re.compile(r"吗(?=[？?]?$)")


def plainly(text: str, *, at: datetime | None = None) -> str:
    """Give a question without what is said around the asking, and in the plain word where it asks in several.

    What says of which days it asks, counted from `at`, stays as it is.
    """
    plain = _in_chinese(text) if _HAN.search(text, 0, MOST_CHARACTERS) else _in_words(text)
    return plain if plain == text or days_and_rest(plain, at=at)[0] == days_and_rest(text, at=at)[0] else text


def _in_chinese(text: str) -> str:
    opening = _CHINESE_OPENING.match(text[:MOST_CHARACTERS])
    return _CHINESE_ENDING.sub("", text[opening.end() :]) if opening else text


def _in_words(text: str) -> str:
    talk, given = _TALK[language_of(text)], text.strip()
    asked = _shortened(_without_opening(talk.ending.sub("", given), talk))
    # "I want to know why" asks no more than that.
    if asked == given or " " not in asked:
        return text
    begins_anew = given[0].isupper() and not given.startswith(asked[:2])
    plain = asked[0].upper() + asked[1:] if begins_anew else asked
    is_one_sentence = plain.endswith(".") and talk.asks.match(plain) and not _SENTENCE_ENDS.search(plain[:-1])
    return f"{plain[:-1]}?" if is_one_sentence else plain


def _without_opening(text: str, talk: _Talk) -> str:
    """Leave out what stands before the asking, again and again."""
    while True:
        opening = next((found for one in talk.openings if (found := one.match(text, 0, MOST_CHARACTERS))), None)
        if opening is None:
            return text
        text = text[opening.end() :]


def _shortened(text: str) -> str:
    """Say a long way of asking in a word."""
    for long, short in _LONG:
        found = long.match(text)
        if found:
            return (short or found["word"]) + text[found.end() :]
    return text
