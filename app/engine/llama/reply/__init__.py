"""A reply from its prompt to its last piece: text, reasoning, branches."""
