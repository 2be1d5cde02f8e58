"""Carries a mission through its steps: one writer, one step after the other, everything recorded as it goes."""
