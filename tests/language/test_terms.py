"""The bokmål interface speaks with the words known from Customer Insights."""

import pytest

from lib.ui import text

TERMS = {
    "Add attribute": "Legg til attributt",
    "Add yourself as export user": "Legg til deg selv som eksportbruker",
    "Audience ID: {id}": "Målgruppe-ID: {id}",
    "Authenticate with Mailchimp": "Godkjenn med Mailchimp",
    "By hand": "Ved behov",
    "Connection": "Tilkobling",
    "Contributor": "Bidragsyter",
    "Data matching": "Datasamsvar",
    "Data privacy and compliance": "Datapersonvern og -samsvar",
    "Display name": "Visningsnavn",
    "Email": "E-post",
    "Export": "Eksport",
    "Export user": "Eksportbruker",
    "First name": "Fornavn",
    "I agree": "Jeg godtar",
    "Last name": "Etternavn",
    "Refresh by schedule": "Planlagt oppdatering",
    "Save": "Lagre",
    "Segments": "Segmenter",
    "Shared with contributors": "Delt med bidragsytere",
    "With the refresh": "Ved planlagt oppdatering",
}


@pytest.mark.parametrize("english", TERMS)
def test_a_term_is_the_one_that_people_know(english: str) -> None:
    assert text.texts("nb").messages.gettext(english) == TERMS[english]
