"""The ``muster`` command: everything a page can do, for cron, CI and configuration as code."""
