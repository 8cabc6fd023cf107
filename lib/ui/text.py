"""The texts of the interface, through gettext. Every sentence a person reads goes through ``_``.

The message is the English sentence, with ``{names}`` filled in by ``.format`` afterwards, so that a
catalogue finds it whole.
"""

import gettext
from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locale"
DEFAULT_LANGUAGE = "en"


@lru_cache(maxsize=8)
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; English needs none."""
    return gettext.translation("muster", LOCALES, languages=[language], fallback=True)


def _(message: str) -> str:
    """Return the message in the person's language."""
    return catalogue(DEFAULT_LANGUAGE).gettext(message)


def plural(one: str, many: str, count: int) -> str:
    """Return the form that fits the count, with ``{count}`` filled in and grouped."""
    form = catalogue(DEFAULT_LANGUAGE).ngettext(one, many, count)
    return form.format(count=f"{count:,}")
