"""The one sign that scripts have of their own."""

ANY = "⟨…⟩"
"""Stands in a line for whatever differed between runs."""
