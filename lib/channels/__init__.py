"""Ways out for notices: webhooks and mail. What is said is decided here, not what happened."""
