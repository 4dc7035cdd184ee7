"""Hierarchical memory for AI agents and models."""

__version__ = "0.1.0"
