"""From values to what a person or a program reads: templates in, text out."""
