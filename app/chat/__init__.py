"""What happens in one turn: a prompt goes in, a reply is streamed, and both are kept."""
