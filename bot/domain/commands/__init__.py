"""What people ask for: commands as values, and the grammar that reads them."""
