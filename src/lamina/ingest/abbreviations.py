"""Words that decide whether a full stop ends a sentence: in small letters, of five languages of Europe."""

#: Never the end of a sentence: something is named after them.
TITLES = frozenset(
    """
    mr mrs ms mx dr prof st mt sr sra srta mme mlle hr fr frl sig dott ing avv rev hon gen col capt lt sgt cmdr gov sen
    rep pres messrs vs v fig figs abb tab nr no nos núm num vol vols p pp pag pág s cf ca approx al e.g i.e eg ie z.b
    d.h u.a i.d.r m.e o.ä bzw ggf vgl viz p.ej p.es ad par art arts sec sect § ch chap ed eds trans tr op str av avda
    """.split()
)
#: Words of their own too: titles only before a number.
COUNTED = frozenset("no nos s p v art par ad col gen rep fr ed str sec ch op tab fig vol".split())
#: May end a sentence, or stand within one.
ABBREVIATIONS = frozenset(
    """
    etc usw ecc jr inc ltd co corp bros plc dept hrs mins secs jan feb apr jun jul aug sep sept oct nov dec tue
    tues thu thur thurs fri ave blvd rd u.s u.k u.n e.u a.m p.m a.d b.c d.c ph.d m.d b.a m.a
    """.split()
)
#: Words that open sentences far more often than they stand, with a capital, within one.
OPENING_WORDS = frozenset(
    """
    the a an this that these those he she it they we i you there here what when where who why how but and so if in on at
    for as after before then however it's i'm we're der die das ein eine er sie es wir ich und aber wenn dann le la les
    un une il elle nous je et mais il lo gli e ma noi io el los las una y pero
    """.split()
)
#: What follows a number that counts days.
MONTHS = frozenset(
    """
    january february march april may june july august september october november december januar februar märz mai juni
    juli oktober dezember jänner
    """.split()
)
