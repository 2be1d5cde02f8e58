"""What a mission came to, for people and programs: the report, the answer to why, and recordings. Only reads."""
