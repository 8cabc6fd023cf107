"""Where the sources of the interface show people a text that did not go through gettext."""

import ast
import re
from collections.abc import Iterator

ASKING = {"_", "plural", "said"}
"""Functions whose answer is in the person's language."""
DRAWING = {
    *("badge", "button", "caption", "checkbox", "date_input", "dialog", "download_button"),
    *("error", "expander", "feedback", "file_uploader", "form_submit_button", "header", "info"),
    *("link_button", "markdown", "metric", "multiselect", "number_input", "Page", "pills"),
    *("popover", "radio", "segmented_control", "select_slider", "selectbox", "slider", "spinner"),
    *("status", "subheader", "success", "tabs", "text", "text_area", "text_input", "time_input"),
    *("title", "toast", "toggle", "warning", "write"),
    *("CheckboxColumn", "DateColumn", "DatetimeColumn", "LineChartColumn", "LinkColumn"),
    *("ListColumn", "NumberColumn", "ProgressColumn", "TextColumn"),
}
"""Functions of Streamlit that show their first argument."""
SHOWN = {"alt", "help", "label", "placeholder", "text", "title"}
"""Keywords under which something is shown."""
_MARKS = re.compile(
    r":material/\w+:|:(?:red|orange|green|blue|gray|violet|yellow)(?:-badge)?\[|:small\[|[\]*`#]"
)
_EXAMPLE = re.compile(r"\S*(?:/|@|_)\S*")
"""What a machine reads, such as an address or the name of a column, is the same everywhere."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[“(*]*[A-Z][a-z]* [^\W\d_]{2,}|.* [a-z]+ [a-z]+.*[.?!…]$", re.DOTALL)


def bypassing(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give line and words of each literal that is shown as it is."""
    for call in _calls(tree):
        for shown in _shown(call):
            for literal in _literals(shown):
                words = _MARKS.sub(" ", str(literal.value))
                if _WORD.search(words) and not _EXAMPLE.fullmatch(words):
                    yield literal.lineno, str(literal.value)


def lonely(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give line and words of each literal that reads like a sentence, wherever it stands."""
    told = {id(one) for one in _docstrings(tree)}
    for literal in _literals(tree):
        if id(literal) not in told and _SENTENCE.match(str(literal.value)):
            yield literal.lineno, str(literal.value)


def frozen(tree: ast.Module) -> Iterator[int]:
    """Give the lines that ask for a text while the module is imported, in one language for all."""
    for statement in tree.body:
        for node in _run_at_once(statement):
            if isinstance(node, ast.Call) and _name(node.func) in ASKING:
                yield node.lineno


def unknown(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give what is asked for by something else than a literal, so that no catalogue has it."""
    for call in _calls(tree):
        asked = call.args[:2] if _name(call.func) in {"_", "plural"} else []
        if not all(isinstance(one, ast.Constant) for one in asked):
            yield call.lineno, ast.unparse(call)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if owner and _name(call.func) in DRAWING and getattr(owner, "id", "") != "logger":
        yield from call.args[: 2 if _name(call.func) == "metric" else 1]
    yield from (word.value for word in call.keywords if word.arg in SHOWN)


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Give the texts in an expression, but not what is asked for, looked up or compared with."""
    if isinstance(node, ast.Call) and _name(node.func) in {*ASKING, "get", "getLogger"}:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    apart = (ast.Compare, ast.FormattedValue, ast.Subscript)
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.JoinedStr) or not isinstance(child, apart):
            yield from _literals(child)


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Give every literal that is a statement of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _run_at_once(statement: ast.AST) -> Iterator[ast.AST]:
    """Walk what is run when the module is imported: bodies of functions are not."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[ast.AST] = [*statement.decorator_list, *statement.args.defaults]
    elif isinstance(statement, ast.Lambda):
        parts = []
    else:
        yield statement
        parts = list(ast.iter_child_nodes(statement))
    for part in parts:
        yield from _run_at_once(part)
