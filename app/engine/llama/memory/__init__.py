"""What was read of conversations: in the context, beside it in memory, and on the disk."""
