"""Names that people chose, inside sentences with markup."""

_MARKUP = "\\`*_[]()#+-!|~:$<>"


def literal(text: str) -> str:
    """Take what Markdown would read as markup literally."""
    return "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in text)
