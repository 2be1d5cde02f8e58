"""What the client asks, by kind: reading, writing, showing, documents, and our own methods."""
