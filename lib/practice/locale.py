"""Field messages in the account's language: titles and details stay English, these do not."""

GERMAN = {
    # Answered by a real account on 2026-10-09; the others are translations of our own.
    "Please enter a value": "Bitte gib einen Wert ein.",
    "Please enter a number": "Bitte gib eine Zahl ein.",
    "Please enter a complete address": "Bitte gib eine vollständige Adresse ein.",
    "Please enter a valid date": "Bitte gib ein gültiges Datum ein.",
    "Please enter a month and day": "Bitte gib Monat und Tag ein.",
    "Please enter a valid phone number": "Bitte gib eine gültige Telefonnummer ein.",
    "Please enter a valid URL": "Bitte gib eine gültige URL ein.",
    "Please enter a valid zip code": "Bitte gib eine gültige Postleitzahl ein.",
    "Please choose one of the options": "Bitte wähle eine der Möglichkeiten aus.",
    "Please enter fewer characters": "Bitte gib weniger Zeichen ein.",
}


def translate(message: str, language: str) -> str:
    """A field message in the language ("de"), or unchanged where there is no translation."""
    return GERMAN.get(message, message) if language == "de" else message
