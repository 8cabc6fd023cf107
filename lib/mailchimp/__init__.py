"""The only code that speaks to Mailchimp, and the only code that knows the official SDK."""
