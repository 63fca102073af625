"""A JSON schema in the few plain words that become a grammar, or a sentence that names what cannot."""
