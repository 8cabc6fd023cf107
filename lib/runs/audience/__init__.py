"""The audience as Mailchimp holds it, kept locally and brought up to date."""
