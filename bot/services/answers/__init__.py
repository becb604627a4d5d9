"""From a command to its answer, as a value that a template can say."""
