"""The use cases. Every front end calls these; no rule lives above them."""
