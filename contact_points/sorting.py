"""Pinyin sort keys: the embedded database knows no Chinese collation, so the order is stored."""

from pypinyin import lazy_pinyin

# Surnames that pinyin tables read as the common word.
SURNAMES = {"仇": "qiu", "单": "shan", "覃": "qin", "朴": "piao", "区": "ou", "查": "zha", "解": "xie", "任": "ren", "曾": "zeng", "盖": "ge"}


def sort_key(text: str, *, surname: bool = False) -> str:
    """Lower-case pinyin of the text, syllables parted by spaces; digits and letters stay."""
    syllables = lazy_pinyin(text)
    if surname and text[:1] in SURNAMES:
        syllables[0] = SURNAMES[text[0]]
    return " ".join(syllables).lower()[:150]
