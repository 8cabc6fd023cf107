"""What an export would do and what a run did: the plan's forecast, progress, outcomes, undo."""
