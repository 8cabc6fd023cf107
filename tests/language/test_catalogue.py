import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from lib.ui import language, text
from tests.language import messages

OTHERS = sorted(set(language.LANGUAGES) - {language.ENGLISH.code})
_PLACE = re.compile(r"{\w*}")
_MARK = re.compile(r":material/\w+:|:[a-z]+(?:-badge)?\[|\*\*|`[^`]*`")


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    """Return the messages of the sources."""
    return messages.extracted()


@pytest.fixture(scope="module", params=OTHERS)
def kept(request: pytest.FixtureRequest) -> Catalog:
    """Return the catalogue of a language."""
    with text.source(request.param).open("rb") as file:
        return read_po(file, locale=request.param)


def ids(catalogue: Catalog) -> set[tuple[str, str]]:
    return {(str(one.id), one.context or "") for one in catalogue if one.id}


def told(listed: set[tuple[str, str]]) -> str:
    return "`make messages`, then translate:\n" + "\n".join(sorted(one for one, _context in listed))


def test_no_string_of_a_page_is_missing_from_the_catalogue(wanted: Catalog, kept: Catalog) -> None:
    missing = ids(wanted) - ids(kept)
    assert not missing, told(missing)


def test_the_catalogue_holds_nothing_that_no_page_says(wanted: Catalog, kept: Catalog) -> None:
    obsolete = ids(kept) - ids(wanted)
    assert not obsolete, told(obsolete)


def test_every_message_is_translated_in_each_of_its_forms(kept: Catalog) -> None:
    lacking = {
        (str(one.id), "")
        for one in kept
        if one.id and (one.fuzzy or not all(messages.forms(one.string)))
    }
    assert not lacking, told(lacking)


def test_a_message_has_as_many_forms_as_the_language_has_plurals(kept: Catalog) -> None:
    for message in kept:
        if message.pluralizable:
            assert len(messages.forms(message.string)) == kept.num_plurals, message.id


def parts(pattern: re.Pattern[str], message: Message) -> tuple[list[str], list[str]]:
    """Return what must be the same in the last forms of a message and of its translation."""
    asked, answered = messages.forms(message.id)[-1], messages.forms(message.string)[-1]
    return sorted(pattern.findall(asked)), sorted(pattern.findall(answered))


def test_a_translation_has_the_same_placeholders(kept: Catalog) -> None:
    for message in kept:
        asked, answered = parts(_PLACE, message)
        assert asked == answered, message.id


def test_a_translation_has_the_same_icons_colours_and_emphasis(kept: Catalog) -> None:
    for message in kept:
        asked, answered = parts(_MARK, message)
        assert message.context == text.BELOW or asked == answered, message.id


def test_a_translation_begins_and_ends_as_the_message_does(kept: Catalog) -> None:
    for message in (one for one in kept if one.id):
        for asked, answered in zip(
            messages.forms(message.id)[-1:], messages.forms(message.string)[-1:], strict=True
        ):
            spaces = (asked[:1].isspace(), asked[-1:].isspace())
            assert spaces == (answered[:1].isspace(), answered[-1:].isspace()), asked
            assert asked[-1:] not in "….?:" or answered[-1:] == asked[-1:], asked


def test_what_is_taken_from_below_has_its_values_as_placeholders() -> None:
    raised = 'raise InputError(f"There is no {noun} “{ref}”, nor {a.b[0].name!r}.")'
    progress = 'progress(f"Reading profiles ({rows:,})", -1.0)'
    found = messages.sentences(ast.parse(f"{raised}\n{progress}"))
    assert set(found) == {"There is no {noun} “{ref}”, nor {name}.", "Reading profiles ({rows})"}


def test_what_is_audited_under_a_name_is_taken_as_well() -> None:
    named = 'verb = "came" if late else "went"\nlog.record(store, db, who, verb, NOUN, ref="")'
    assert {*messages.acts(ast.parse(f'NOUN = "guest"\n{named}'))} == {"came", "went", "guest"}
    assert list(messages.unheard(ast.parse(named))) == ["NOUN"]


@pytest.mark.parametrize("file", messages.auditing(), ids=lambda file: file.name)
def test_no_verb_or_noun_of_the_audit_log_escapes_the_catalogue(file: Path) -> None:
    assert not list(messages.unheard(ast.parse(file.read_text("utf-8"))))
