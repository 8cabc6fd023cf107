"""The library of segments and the builder of rules."""
