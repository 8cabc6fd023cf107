"""After a run: what Mailchimp holds now, what the export learned, the receipt, the undo."""
