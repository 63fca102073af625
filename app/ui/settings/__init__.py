"""The settings, one page for each group, made from the registry."""
