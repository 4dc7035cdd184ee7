"""Languages: whether a question is asked in English, German or French, by its words of grammar and of the calendar.

Some stand in several: "was" asks in German what it tells in English. The language is that which has most of them, and
English among equals.
"""

import re
from enum import StrEnum
from functools import lru_cache

from lamina.recall.calendar_words import FRENCH, GERMAN, MONTHS

#: One search asks several times how the same words are to be read: the last few answers are remembered.
ASKED_AT_ONCE = 8
#: So many words of a question are looked at.
MOST_WORDS = 64
_WORD = re.compile(r"[^\W\d_]+")


class Language(StrEnum):
    """The language of a question, as far as it is told."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"


#: Words of grammar: they ask, point, join and help.
FUNCTION_WORDS = {
    Language.ENGLISH: frozenset(
        "a about after all am an and any are as at be been before being between but by can could did do does for "
        "from had has have he her him his how i if in into is it its me my no not of on or our she should so some "
        "than that the their them then there these they this those to was we were what when where which while who "
        "whom whose why will with would you your".split()
    ),
    Language.GERMAN: frozenset(
        "aber alle alles als also am an ans auch auf aus bei beim bin bis bist da dann darf das dass dein deine "
        "deinem deinen deiner dem den der des dich die dies diese diesem diesen dieser dieses dir doch du durch "
        "ein eine einem einen einer eines er es euch euer eure für gab genau gerade gerne gern gibt habe haben "
        "habt hast hat hatte hatten hattest ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist ja jetzt kann "
        "kannst kein keine keinen können könnte konnte mein meine meinem meinen meiner mich mir mit muss musste "
        "müssen nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit sich "
        "sie sind so soll sollen sollte sonst um und uns unser unsere unseren unter vom von vor wann war waren "
        "warst warum was weil welche welchem welchen welcher welches wem wen wenn wer werde werden wessen weshalb "
        "wie wieder wieso wieviel will willst wir wird wirst wo wofür woher wohin womit worüber wovon wozu wurde "
        "wurden würde zu zum zur zwischen über brauche brauchst isst kaufte las macht mache machte mag möchte "
        "sagte sagt tat tut tun weiß weißt heißt heiße geschah geschehen passierte passiert hier dort".split()
    ),
    Language.FRENCH: frozenset(
        "a ai alors après as au aux avait avaient avant avec avez avons avoir c ce cela ces cet cette chez "
        "combien comme comment d dans de depuis des dois doit donc dont du elle elles en entre es est et était "
        "étaient étais été être eu eux fait fut ici il ils j je l la le lequel laquelle les lesquels lesquelles "
        "leur leurs lui m ma mais me mes moi mon n ne ni non nos notre nous on ont ou où par pas peut peux plus "
        "pour pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont "
        "sous suis sur t ta te tes toi ton tous tout toute toutes tu un une va vas vers vos votre vous y à".split()
    ),
}
#: English words and names that German and French have in their calendars.
_ALSO_ENGLISH = frozenset([*MONTHS, *"mai juni juli mars tag morgen an ans week end weekend".split()])
#: Words by which a language is told, and which are left as they are written.
KNOWN_WORDS = {
    Language.ENGLISH: FUNCTION_WORDS[Language.ENGLISH],
    Language.GERMAN: FUNCTION_WORDS[Language.GERMAN] | (GERMAN.parts - _ALSO_ENGLISH),
    Language.FRENCH: FUNCTION_WORDS[Language.FRENCH] | (FRENCH.parts - _ALSO_ENGLISH),
}


@lru_cache(maxsize=ASKED_AT_ONCE)
def language_of(text: str) -> Language:
    """Give the language whose words of grammar and calendar a text has most of; English where it has none."""
    words = _WORD.findall(text[: MOST_WORDS * 16].lower())[:MOST_WORDS]
    return max(Language, key=lambda language: sum(map(KNOWN_WORDS[language].__contains__, words)))
