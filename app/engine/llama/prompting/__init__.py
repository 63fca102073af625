"""From messages to the tokens of a prompt, and what of them fits in the context window."""
