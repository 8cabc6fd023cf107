"""Keeping: how long files with contacts stay, and how one person is forgotten."""
