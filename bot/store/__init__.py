"""The knowledge graph: SQLModel tables and the queries over them."""
