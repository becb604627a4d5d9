"""What people are answered, as values; templates give them their words."""
