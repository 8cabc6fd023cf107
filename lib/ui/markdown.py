"""Names that people chose, inside sentences with markup."""

import re

_MARKUP = re.compile(
    r"""[\\`*\[\]$~<]        # these mean something anywhere
    | (?<!\w)_ | _(?!\w)    # not inside a word, such as the name of a column
    | :(?=[a-z_+-])         # an icon, an emoji, a colour
    | ^(?:[#+>|-]|\d+[.)])  # a heading, a list, a quotation, a table
    """,
    re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)


def literal(text: str) -> str:
    """Take what Markdown, as Streamlit reads it, would take for markup literally."""
    return _MARKUP.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)
