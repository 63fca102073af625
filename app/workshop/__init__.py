"""Jobs that need model files and an engine: a copy with weights of another kind, and what it is worth here."""
