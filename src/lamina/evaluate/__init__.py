"""Evaluation: data in one plain schema, metrics with intervals, and every recipe over the same vectors.

Comes in by the front door (`lamina`, `lamina.core`) like any user, so that what it measures is what users get.
"""
