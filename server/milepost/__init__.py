"""Milepost runs autonomous software missions; this package is its server, runner and command line."""

__version__ = "0.1.0"
