"""Rewording: a question in other words, by rules and a seed; no model.

Each way takes a question and dice, and gives it in other letters, with slips of the keyboard, or in other words that
ask for the same. The dice of one question come from its own words, so that what is made of it does not depend on what
else is reworded. Only English is paraphrased: the beginning of a question by rules, and common words by
`wording_data/synonyms.tsv`, which was written before anything was measured.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

SEED = 7
SYNONYMS = Path(__file__).parent / "wording_data" / "synonyms.tsv"
#: A word of fewer letters keeps its spelling, and one in so many of the others loses it; at least one in a question.
LEAST_LETTERS = 4
SLIP_EVERY = 4
Way = Callable[[str, random.Random], str]

_WORD = re.compile(r"[^\W\d_]+")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

#: Forms of the past that no rule gives.
_PAST = """
be was · become became · begin began · break broke · bring brought · build built · buy bought · catch caught · choose
chose · come came · cut cut · do did · draw drew · drive drove · eat ate · fall fell · feel felt · find found · fly
flew · forget forgot · get got · give gave · go went · grow grew · have had · hear heard · hold held · keep kept ·
know knew · lead led · learn learned · leave left · lend lent · let let · lose lost · make made · mean meant · meet
met · overcome overcame · pay paid · put put · read read · ride rode · rise rose · run ran · say said · see saw · sell
sold · send sent · set set · show showed · sing sang · sit sat · sleep slept · speak spoke · spend spent · stand stood
· swim swam · take took · teach taught · tell told · think thought · understand understood · wear wore · win won ·
write wrote · plan planned · stop stopped · shop shopped · drop dropped · hug hugged · chat chatted
"""
_AS_IT_IS = frozenset({"usually", "often", "also", "both", "recently", "first", "really", "still", "originally"})

#: How a question begins, and how else it may begin. The rest stays.
_OPENINGS = (
    (r"When (?=did|does|do|is|was|will|has|are|were)", ("On which date ", "At what time ", "On what day ")),
    (r"Where (?=did|does|do|is|was|will|has|are|were)", ("In which place ", "At what location ")),
    (r"Why (?=did|does|do|is|was|will|has|are|were)", ("For what reason ", "For which reason ")),
    (r"Who (?=did|does|is|was|will|has)", ("Which person ", "Of all people, who ")),
    (r"How long ", ("For how much time ", "For what length of time ")),
    (r"How often ", ("How frequently ", "How many times ")),
    (r"How many ", ("What number of ", "How large a number of ")),
    (r"How much ", ("What amount of ",)),
    (r"How (?=did|does|do|is|was|will|has|are|were)", ("In what way ", "In which manner ")),
    (r"What (?:kind|type|sort)s? of ", ("Which sort of ", "What variety of ")),
    (r"(?:What|Which) (?=\w+ (?:did|does|do|is|was|will|has|are|were)\b)", ("Exactly which ", "Of all things, which ")),
)
#: And what may stand before any question.
_BEFORE = ("Can you tell me: ", "Remind me, ", "One more question: ", "Just to be sure: ")
_FIRST_WORDS = frozenset("What When Where Who Whose Which Why How Would Did Does Do Is Are Was Has Have In On".split())
#: Before a question that has become part of a sentence.
_TELLING = ("Tell me {}.", "Please say {}.", "I would like to know {}.", "Do you remember {}?")
_NAMES = r"[A-Z][\w'’]*(?: and [A-Z]\w*)?"
_ASKED_OF_ONE = re.compile(
    rf"(?P<ask>What|Where|When|Why|How|Who) (?P<did>did|does|do) (?P<who>{_NAMES}) (?P<verb>[a-z]+)\b(?P<rest>.*?)\?"
)


def upper_case(text: str, dice: random.Random) -> str:
    """Give a question in capitals."""
    del dice
    return text.upper()


def lower_case(text: str, dice: random.Random) -> str:
    """Give a question without capitals."""
    del dice
    return text.lower()


def without_punctuation(text: str, dice: random.Random) -> str:
    """Give the words and numbers of a question; marks inside a word vanish, others part words."""
    del dice
    bare = re.sub(r"(?<=\w)['’](?=\w)", "", text)
    return " ".join("".join(" " if unicodedata.category(char)[0] in "PS" else char for char in bare).split())


def with_typos(text: str, dice: random.Random) -> str:
    """Give a question with one slip in one of four of its longer words, at least in one; names are words too."""
    words = [match for match in _WORD.finditer(text) if len(match[0]) >= LEAST_LETTERS]
    if not words:
        return text
    hit = dice.sample(words, max(1, round(len(words) / SLIP_EVERY)))
    for word in sorted(hit, key=re.Match.start, reverse=True):
        text = text[: word.start()] + slip(word[0], dice) + text[word.end() :]
    return text


def hurried(text: str, dice: random.Random) -> str:
    """Give a question as fingers in a hurry type it: with slips, without capitals and marks."""
    return without_punctuation(with_typos(text, dice).lower(), dice)


def slip(word: str, dice: random.Random) -> str:
    """Give a word with one slip that changes it: letters swapped, one left out, doubled, or its neighbour struck."""
    slips = [swapped, dropped, doubled, missed]
    dice.shuffle(slips)
    place = dice.randrange(len(word))
    for make in slips:
        made = make(word, place, dice)
        if made != word:
            return made
    return word


def swapped(word: str, place: int, dice: random.Random) -> str:
    """Swap the letter at a place with the next one; the last with the one before."""
    del dice
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def dropped(word: str, place: int, dice: random.Random) -> str:
    """Leave a letter out."""
    del dice
    return word[:place] + word[place + 1 :]


def doubled(word: str, place: int, dice: random.Random) -> str:
    """Write a letter twice."""
    del dice
    return word[: place + 1] + word[place].lower() + word[place + 1 :]


def missed(word: str, place: int, dice: random.Random) -> str:
    """Strike a key beside the right one; what is on no row of letters stays."""
    letter = word[place]
    row = next((row for row in _KEYS if letter.lower() in row), "")
    if not row:
        return word
    key = row.index(letter.lower())
    struck = dice.choice([row[beside] for beside in (key - 1, key + 1) if 0 <= beside < len(row)])
    return word[:place] + (struck.upper() if letter.isupper() else struck) + word[place + 1 :]


def with_synonyms(text: str, dice: random.Random) -> str:
    """Give a question with every word replaced that there is another for; names stay, and how it begins."""
    del dice
    return _WORD.sub(lambda match: _other(text, match), text)


def with_some_synonyms(text: str, dice: random.Random) -> str:
    """Give a question with half of these words replaced, by chance; at least one where there is one."""
    known = [match for match in _WORD.finditer(text) if _other(text, match) != match[0]]
    chosen = {match.start() for match in dice.sample(known, (len(known) + 1) // 2)}
    return _WORD.sub(lambda match: _other(text, match) if match.start() in chosen else match[0], text)


def reframed(text: str, dice: random.Random) -> str:
    """Give a question that begins otherwise, or has become part of a sentence; its words stay."""
    asked = _ASKED_OF_ONE.fullmatch(text)
    if asked and asked["verb"] not in _AS_IT_IS and dice.random() < 1 / 2:
        verb = {"did": past, "does": present, "do": str}[asked["did"]](asked["verb"])
        return dice.choice(_TELLING).format(f"{asked['ask'].lower()} {asked['who']} {verb}{asked['rest']}")
    for opening, others in _OPENINGS:
        match = re.match(opening, text)
        if match:
            return dice.choice(others) + text[match.end() :]
    begins_as_any = text.partition(" ")[0] in _FIRST_WORDS
    return dice.choice(_BEFORE) + (text[0].lower() + text[1:] if begins_as_any else text)


def paraphrased(text: str, dice: random.Random) -> str:
    """Give a question that begins otherwise, with half of the words replaced that there is another for."""
    return reframed(with_some_synonyms(text, dice), dice)


def told_anew(text: str, dice: random.Random) -> str:
    """Give a question that begins otherwise, with all of them replaced."""
    return reframed(with_synonyms(text, dice), dice)


def past(verb: str) -> str:
    """Give the past of an English verb."""
    if verb in _irregular():
        return _irregular()[verb]
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else verb + "ed"


def present(verb: str) -> str:
    """Give the form of an English verb that goes with he and she."""
    if verb in {"have", "be"}:
        return {"have": "has", "be": "is"}[verb]
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + ("es" if re.search(r"(?:s|x|z|ch|sh|o)$", verb) else "s")


#: By name; the order is that of the table.
WAYS: Mapping[str, Way] = {
    "upper case": upper_case,
    "lower case": lower_case,
    "no punctuation": without_punctuation,
    "typos": with_typos,
    "in a hurry": hurried,
    "other beginning": reframed,
    "paraphrase": paraphrased,
    "every synonym": with_synonyms,
    "both in full": told_anew,
}
#: Those that throw dice, and so give another question each time.
BY_CHANCE = frozenset({"typos", "in a hurry", "other beginning", "paraphrase", "both in full"})


def reworded(text: str, way: str, *, draw: int = 0, seed: int = SEED) -> str:
    """Give a question in another wording: the same for the same words, way, draw and seed."""
    return WAYS[way](text, random.Random(f"{seed} {draw} {way} {text}"))


def _other(text: str, match: re.Match[str]) -> str:
    """Give what else one says for a word of a text; names and the first word stay."""
    word, is_first = match[0], not _WORD.search(text[: match.start()])
    return word if is_first or word[0].isupper() else _synonyms().get(word, word)


@cache
def _synonyms() -> dict[str, str]:
    """Words and what else one says for them, in the same inflexion; other words stay."""
    lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line)


@cache
def _irregular() -> dict[str, str]:
    return dict(entry.split() for entry in _PAST.split("·"))
