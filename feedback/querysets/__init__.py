"""Named reads, by what they read."""
