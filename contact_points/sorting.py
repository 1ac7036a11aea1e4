"""Pinyin sort keys: the embedded database knows no Chinese collation, so the order is stored."""

from pypinyin import lazy_pinyin

# Surnames that pinyin tables read as the common word.
SURNAMES = {
    "仇": "qiu",
    "任": "ren",
    "区": "ou",
    "单": "shan",
    "曾": "zeng",
    "朴": "piao",
    "查": "zha",
    "盖": "ge",
    "覃": "qin",
    "解": "xie",
}


def sort_key(text: str, *, surname: bool = False) -> str:
    """Lower-case pinyin of the text, syllables parted by spaces; digits and letters stay."""
    syllables = lazy_pinyin(text)
    if surname and text[:1] in SURNAMES:
        syllables[0] = SURNAMES[text[0]]
    return " ".join(syllables).lower()[:150]
