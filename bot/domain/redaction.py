"""What is struck out of words before they are kept: keys and tokens, addresses, people, amounts."""

from __future__ import annotations

import re
from typing import Final

_SECRETS: Final = re.compile(
    r"(xox[a-z]-|xapp-|xoxe[.-]|sk-ant-|sk-admin-|sk-proj-|sk-|AKIA|ASIA|ya29\.|Bearer\s+)[A-Za-z0-9_.\-/+=]{6,}"
)
_RANDOM: Final = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{24,}\b")
"""What is long and of letters and digits may be a key of a form that we do not know."""
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MENTION: Final = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_SCALE: Final = r"(?:\s?(?:k|m|mm|mn|bn|b|thousand|million|billion))?\b"
_MONEY: Final = r"(?:usd|eur|gbp|chf|jpy|cad|aud|sek|inr|dollars?|bucks?|euros?|pounds?|cents?)\b"
_COMPARING: Final = r"\b(?:over|above|under|below|than|exceed(?:s|ed|ing)?|least|most|[<>]=?)\s+"
_NUMBER: Final = r"\d[\d,.]*(?<![,.])"
_AMOUNT: Final = re.compile(
    rf"(?:[$€£¥]\s?{_NUMBER}{_SCALE})|(?:(?<![\w.-]){_NUMBER}{_SCALE}\s?(?:[€£¥]|{_MONEY}))"
    r"|(?:(?<![\w.-])\d{1,3}(?:,\d{3})+(?:\.\d+)?)",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(rf"({_COMPARING}){_NUMBER}{_SCALE}", re.IGNORECASE)


def struck(text: str) -> str:
    """The text with anything that looks like a key or token struck out but for how it begins."""
    return _SECRETS.sub(r"\1…", text)


def redacted(text: str) -> str:
    """The words of a question without keys, mail addresses, mentioned people and amounts of money."""
    text = _RANDOM.sub("…", struck(text))
    text = _MENTION.sub("[person]", text)
    text = _ADDRESS.sub("[address]", text)
    return _COMPARED.sub(r"\1[amount]", _AMOUNT.sub("[amount]", text))
