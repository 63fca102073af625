"""Models that other applications have on this laptop already: found where they lie, read-only, and never copied."""
