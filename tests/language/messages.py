"""The messages of the interface: taken out of the sources, and brought into the catalogues.

``make messages`` runs it; the tests use it to tell whether a catalogue is complete.

Pages and lib.ui ask for their texts through ``_`` and ``plural``. What lies below knows no
language and says English; its sentences are taken from where they are listed, raised or reported,
under the context ``below``, with a placeholder for each value that is put in.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from lib.access import LOCAL_ADMINISTRATOR, Action, Role
from lib.contacts import evidence, vocabulary
from lib.contacts.fates import REASONS
from lib.contacts.preview import WHY
from lib.contacts.problems import PROBLEMS
from lib.practice.faults import NAMES
from lib.segments.operators import OPERATORS
from lib.settings import ROOT
from lib.store.plans import PlanState
from lib.store.runs import RunState
from lib.ui import language, text
from lib.warehouse.sample import company

LISTED = (
    *(REASONS.values(), WHY.values(), PROBLEMS.values(), NAMES.values()),
    [operator.label for operators in OPERATORS.values() for operator in operators],
    [*Role, *Action, *RunState, *PlanState],
    [LOCAL_ADMINISTRATOR.name, LOCAL_ADMINISTRATOR.email, "{user} (command line)"],
    ["app", "worker", "command line on {host}", "browser on this machine", "browser at {address}"],
    [*vocabulary.MEANINGS, "picture", *evidence.WORDS.values()],
    [what for _share, what, *_rest in company.STEPS],
    ["once", "{before} times", "at least {before} times"],
)
"""What is kept below as words rather than said in a sentence."""
REASONING = {"evidence.py", "suggest.py", "rails.py"}
"""Files whose every text with a value in it reaches a page, as a part of a sentence."""
APART = {"ui", "cli", "practice", "migrations", "sample", "message.py"}
"""What is no part of the rooms below, or speaks to nobody on a page."""
_SENTENCE = re.compile(r"[A-Z“{].* .*[.?!]", re.DOTALL)
_SQL = re.compile(r"\bselect\b.*\bfrom\b|^with |::", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"(?<![{\w])[^\W\d_]{2,}(?![\w}])")


def pages() -> list[Path]:
    """Return the files whose texts go through ``_``."""
    found = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "lib" / "ui").rglob("*.py")]
    return [ROOT / "app.py", *sorted(found)]


def below() -> list[Path]:
    """Return the files whose English reaches a page."""
    kept = sorted((ROOT / "lib").rglob("*.py"))
    shared = _shared()
    return [
        file
        for file in kept
        if not APART & set(file.relative_to(ROOT).parts)
        and (file.parent.name != "config" or file in shared)
    ]


def auditing() -> list[Path]:
    """Return the files that write into the audit log."""
    return sorted((ROOT / "lib" / "store").glob("*.py"))


def _shared() -> set[Path]:
    """Return what pages use of lib.config; the rest of it answers the command line alone."""
    found: set[Path] = set()
    ahead = pages()
    while ahead:
        for node in ast.walk(ast.parse(ahead.pop().read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("lib.config"):
                names = [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
                used = {ROOT / f"{name.replace('.', '/')}.py" for name in names}
                ahead += (fresh := {file for file in used if file.exists()} - found)
                found |= fresh
    return found


def extracted() -> Catalog:
    """Return all messages there are, untranslated."""
    found = Catalog(project="Muster", charset="utf-8", fuzzy=False)
    for file in pages():
        place = str(file.relative_to(ROOT))
        for message, context in asked(ast.parse(file.read_text("utf-8"))):
            found.add(message, locations=[(place, 0)], context=context)
    for words in LISTED:
        for sentence in words:
            found.add(str(sentence), context=text.BELOW)
    audited = auditing()
    for file in below():
        tree, place = ast.parse(file.read_text("utf-8")), str(file.relative_to(ROOT))
        done = acts(tree) if file in audited else ()
        for sentence in [*sentences(tree, every=file.name in REASONING), *done]:
            found.add(sentence, locations=[(place, 0)], context=text.BELOW)
    return found


def asked(tree: ast.Module) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """Give the messages that a module asks for, and the context of each, if any."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) == "_" and node.args:
            words = [str(ast.literal_eval(one)) for one in node.args[:2]]
            yield words[0], words[1] if words[1:] else None
        elif isinstance(node, ast.Call) and _name(node) == "plural":
            one, many = (str(ast.literal_eval(each)) for each in node.args[:2])
            yield (one, many), None


def sentences(tree: ast.Module, *, every: bool = False) -> Iterator[str]:
    """Give what a module tells people.

    That is each text that reads like a sentence, docstrings and the log apart, besides what is
    raised as an error or reported as progress in fewer words; or every text with a value in it.
    """
    apart = {id(one) for node in ast.walk(tree) for one in _apart(node)}
    for node in ast.walk(tree):
        form = "" if id(node) in apart else form_of(node)
        told = _reads_well(form) or (every and isinstance(node, ast.JoinedStr))
        if told and _WORD.search(form):
            yield form
        elif isinstance(node, ast.Call) and re.search("^progress$|Error$", _name(node)):
            yield from filter(_has_words, map(form_of, node.args))


def _reads_well(form: str) -> bool:
    return bool(_SENTENCE.fullmatch(form) and _has_words(form) and not _SQL.search(form))


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    """Give the texts of a node that are none by themselves."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Call) and "log" in ast.unparse(node.func).lower()
    ):
        yield from (one for one in ast.walk(node) if one is not node)


def acts(tree: ast.Module) -> Iterator[str]:
    """Give the verbs and nouns of what a module writes into the audit log."""
    for part in _spoken(tree):
        for said in _meant(tree, part):
            yield from (
                str(one.value)
                for one in ast.walk(said)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def unheard(tree: ast.Module) -> Iterator[str]:
    """Give the verbs and nouns of the audit log that ``acts`` cannot read.

    What a function is given is read where it is called, and states are listed.
    """
    given = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    for part in _spoken(tree):
        words = ast.unparse(part)
        if words not in {*given, "str(state)"} and not any(
            isinstance(one, ast.Constant) for said in _meant(tree, part) for one in ast.walk(said)
        ):
            yield words


def _spoken(tree: ast.Module) -> Iterator[ast.expr]:
    """Give the arguments that say what was done to what."""
    for node in ast.walk(tree):
        told = {"log": 0, "note": 0, "record": 3, "change": 9}.get(_name(node))
        if isinstance(node, ast.Call) and told is not None:
            yield from node.args[told : told + 2]
            yield from (word.value for word in node.keywords if word.arg == "verb")


def _meant(tree: ast.Module, part: ast.expr) -> Iterator[ast.expr]:
    """Give what an expression is, or what the module sets it to when it is a name."""
    yield part
    name = part.id if isinstance(part, ast.Name) else None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and name in {
            getattr(one, "id", "") for one in node.targets
        }:
            yield node.value


def _name(node: ast.AST) -> str:
    """Return the name of the function that is called; empty when nothing is."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _has_words(form: str) -> bool:
    return len(_WORD.findall(form)) > 1


def form_of(node: ast.AST) -> str:
    """Return a literal as a message, each value that is put in as a placeholder; else nothing."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"{(\w*)(?::[^}]*)?}", lambda found: f"{{{found[1] or 'value'}}}", node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    form, taken = "", set[str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            form += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            name = _placeholder(part.value, taken)
            taken.add(name)
            form += "{" + name + "}"
    return form


def _placeholder(value: ast.expr, taken: set[str]) -> str:
    """Name a value after the last name in it, so that a translator knows what it is."""
    names = re.findall(r"\b[a-z][a-z_]+\b", ast.unparse(value))
    name = next((name for name in reversed(names) if not iskeyword(name)), "value")
    return next(one for one in (name, *(f"{name}{n}" for n in range(2, 99))) if one not in taken)


def forms(string: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the forms of a translation; a missing one is empty."""
    return (string or "",) if isinstance(string, str | None) else tuple(string)


def update(code: str) -> Catalog:
    """Bring the catalogue of a language up to what the sources ask for."""
    place = text.source(code)
    kept = Catalog(locale=code, charset="utf-8")
    if place.exists():
        with place.open("rb") as file:
            kept = read_po(file, locale=code)
    # A guess from a similar message would be a wrong sentence until somebody looks.
    kept.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    kept.fuzzy = False
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as file:
        write_po(file, kept, width=100, ignore_obsolete=True, include_lineno=False)
    return kept


if __name__ == "__main__":
    for spoken in language.LANGUAGES.values():
        if spoken is not language.ENGLISH:
            updated = update(spoken.code)
            lacking = [one for one in updated if one.id and not all(forms(one.string))]
            sys.stdout.write(
                f"{spoken.name}: {len(updated)} messages, {len(lacking)} to translate\n"
            )
