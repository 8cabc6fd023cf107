"""Sending: a plan is laid out in batches, and every contact gets its outcome."""
