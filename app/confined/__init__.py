"""A process with limits: how it is started, spoken to, watched and ended."""
