"""Profiles, queries and Home."""
