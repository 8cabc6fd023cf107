"""The plan: made from a warehouse and an audience, sealed, and read again."""
