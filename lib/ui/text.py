"""The texts of the interface, through gettext. Every sentence a person reads goes through ``_``.

The message is the English sentence, with ``{names}`` filled in by ``.format`` afterwards, so that a
catalogue finds it whole. Only functions may ask for one: what is made while a module is imported
would stay in one language for everybody.

What lies below the interface knows no language and says English: errors, reasons, progress. Such a
sentence goes through ``said``, which recognises it by its form in the catalogue.

A catalogue is kept as its ``.po`` alone and read when somebody first speaks the language, so that
nothing has to be compiled, neither on a fresh clone nor in a wheel.
"""

import gettext
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from lib.ui import language

LOCALES = Path(__file__).parent / "locale"
BELOW = "below"
"""The context of sentences that are made below the interface."""
_NUMBER = re.compile(r"\d{1,3}(,\d{3})*(\.\d+)?( %)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
_LIST = re.compile(r"“((?:(?!” ).)+)”(?: and ([\d,]+) more)?", re.DOTALL)
"""Names as ``lib.store.names`` lists them; two quoted words with others between are none."""
_BETWEEN = re.compile(r"(?<=[.?!]) (?=[A-Z0-9“])")
_WORDS = {"many", "meaning", "noun", "outcome", "role", "said", "shape", "state", "states"}
"""Placeholders of sentences from below that hold a word of ours."""
_PLACE = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True, slots=True)
class Texts:
    """What is known of one language."""

    messages: gettext.NullTranslations
    forms: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Sentences from below with values in them: how to recognise one, and its translation."""


def source(code: str) -> Path:
    """Return where the catalogue of a language lies; English has none and needs none."""
    return LOCALES / code / "LC_MESSAGES" / "muster.po"


@lru_cache(maxsize=8)
def texts(code: str) -> Texts:
    """Return the texts of a language, for all sessions that speak it."""
    if not source(code).exists():
        return Texts(gettext.NullTranslations())
    with source(code).open("rb") as written:
        read = read_po(written, locale=code)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Texts(gettext.GNUTranslations(compiled), tuple(_forms(read)))


def _forms(read: Catalog) -> list[tuple[re.Pattern[str], str]]:
    """List the forms of sentences from below, the longest first: it says most."""
    found = [
        (str(message.id), str(message.string))
        for message in read
        if message.context == BELOW and message.string and "{" in message.id
    ]
    found.sort(key=lambda pair: -len(pair[0]))
    return [(_pattern(form), translation) for form, translation in found]


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.*?)", re.escape(form)), re.DOTALL)


def _(message: str, context: str = "") -> str:
    """Return the message in the person's language.

    Args:
        message: in English, written out where it is asked for.
        context: tells apart what one English word means in two places, such as "noun".
    """
    # gettext would answer the empty message with the head of the catalogue.
    if not message:
        return ""
    known = texts(language.spoken().code).messages
    return known.pgettext(context, message) if context else known.gettext(message)


def plural(one: str, many: str, count: int) -> str:
    """Return the form that fits the count, with ``{count}`` filled in and grouped."""
    spoken = language.spoken()
    form = texts(spoken.code).messages.ngettext(one, many, count)
    return form.format(count=spoken.written(f"{count:,}"))


def said(sentence: str) -> str:
    """Return in the person's language what something below the interface said.

    A sentence that is not known stays as it is. Of several that are not known together, as many
    as are known together are looked up at a time; one that goes on with particulars behind a colon
    is known by what stands before it.
    """
    spoken = language.spoken()
    if spoken is language.ENGLISH or not sentence:
        return sentence
    known = texts(spoken.code)
    found, rest = list[str](), _BETWEEN.split(sentence)
    while rest:
        translation, taken = _first(known, rest)
        found.append(translation)
        rest = rest[taken:]
    return " ".join(found)


def _first(known: Texts, sentences: Sequence[str]) -> tuple[str, int]:
    """Say the first sentence, or the most from there on that are known together; tell how many."""
    for count in range(len(sentences), 0, -1):
        if translation := _known(known, " ".join(sentences[:count])):
            return translation, count
    head, colon, particulars = sentences[0].partition(": ")
    return known.messages.pgettext(BELOW, head) + colon + particulars, 1


def _known(known: Texts, sentence: str) -> str:
    """Translate what is in the catalogue as a whole; empty when it is not."""
    if (whole := known.messages.pgettext(BELOW, sentence)) != sentence:
        return whole
    for pattern, translation in known.forms:
        if found := pattern.fullmatch(sentence):
            values = found.groupdict().items()
            return translation.format(**{name: _value(name, value) for name, value in values})
    return ""


def _value(name: str, value: str) -> str:
    """Say a value in a sentence from below: numbers, moments and lists as the language writes them.

    A single word is mostly a name that somebody gave, such as a column's: it stays as it is.
    """
    spoken = language.spoken()
    if _NUMBER.fullmatch(value):
        return spoken.written(value)
    if moment := _MOMENT.fullmatch(value):
        return f"{datetime.fromisoformat(value):{spoken.day}}{moment[1] or ''}"
    if names := _LIST.fullmatch(value):
        return _listed(names[1].split("”, “"), names[2])
    return said(value) if " " in value or name.rstrip("0123456789") in _WORDS else value


def _listed(names: Sequence[str], more: str | None) -> str:
    shown = ", ".join(_("“{name}”").format(name=name) for name in names)
    if not more:
        return shown
    return _("{names} and {count} more").format(names=shown, count=language.spoken().written(more))
