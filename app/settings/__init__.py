"""What can be set: one declarative registry, its values, and the file they are kept in."""
