"""From evidence to the cause: type, signature, explanation, the line that decided."""
