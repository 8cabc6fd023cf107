"""From profiles to contacts, and from contacts and snapshot to a plan. Pure: SQL in, SQL out."""
