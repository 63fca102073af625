"""How the next token is chosen, and how likely each was."""
