"""Long work: preparing a plan, carrying it out, reading back, undoing."""
