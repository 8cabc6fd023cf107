"""Domains no mail can reach, as data with where each is known from.

Mailchimp refuses such addresses one by one ("looks fake or invalid, please enter a real email
address"; observed in public reports for example.com and for mistyped endings). Its own list is
not published, so this one holds only names that cannot exist or cannot receive mail.
"""

RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
"""Reserved for documentation (RFC 2606, section 3); refused by Mailchimp (observed)."""
RESERVED_BEGIN = "example."
"""How all of them begin: one search, where a test of each ending takes three times as long."""

RESERVED_TOPS = (
    # RFC 2606, section 2, and RFC 6761: never delegated.
    "test",
    "example",
    "invalid",
    "localhost",
    # RFC 6762, 7686, 8375 and ICANN's reservation of 2024: local or hidden networks only.
    "local",
    "onion",
    "arpa",
    "internal",
    # Never delegated, found on private networks (inferred; RFC 6762, appendix G).
    "lan",
    "localdomain",
    "corp",
)
"""Top-level domains without mail."""

TYPO_TOPS = (
    # Slips of com.
    "con",
    "cmo",
    "ocm",
    "vom",
    "xom",
    "comm",
    "coom",
    "ccom",
    "cpm",
    "cim",
    "clm",
    "cok",
    "comn",
    "conm",
    # Slips of net and org.
    "ent",
    "nte",
    "nett",
    "nert",
    "bet0",
    "ogr",
    "rog",
    "orgg",
    "prg",
)
"""Mistyped endings that are no top-level domain (inferred from the root zone's list of names)."""
