"""Segmentation: where an event ends. Pure functions over observations in the order of their session."""
