"""Connections, audit and System: what administrators see to."""
