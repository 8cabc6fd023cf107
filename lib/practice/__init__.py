"""A stand-in for Mailchimp, a program of its own: ``python -m lib.practice``."""
