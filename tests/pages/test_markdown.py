import pytest

from lib.ui.markdown import literal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Spent $100-$200", r"Spent \$100-\$200"),
        ("[VIP] *all*", r"\[VIP\] \*all\*"),
        (":red[x] :smile: http://x.no 14:03", r"\:red\[x\] \:smile: http://x.no 14:03"),
        ("first_name _own_", r"first_name \_own\_"),
        ("a < b, ~c~, `d`", r"a \< b, \~c\~, \`d\`"),
        ("# one\n- two\n3. three\n4) four", "\\# one\n\\- two\n3\\. three\n4\\) four"),
        ("C:\\data (12 %), so #1!", r"C:\\data (12 %), so #1!"),
    ],
)
def test_only_what_would_be_markup_is_escaped(text: str, shown: str) -> None:
    assert literal(text) == shown
