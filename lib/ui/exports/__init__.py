"""All exports, and setting one up: destination, data matching, segments, schedule, rules."""
