"""What people configure and what happened, in one relational database."""
