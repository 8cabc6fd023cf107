"""What a segment means, as SQL. Pure."""
