"""Mazes that are fun to look at."""
