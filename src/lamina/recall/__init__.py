"""Recall: from a question and score arrays to a ranking with its reasons. Pure functions of arrays.

Knows no store, no index and no encoder: arrays have one entry a row, whatever the rows are.
"""
