"""Packing: hits become a text under a token budget, in reading order, each piece with its citation.

Pure over `core`: knows no store, no encoder and no question; the token counter is handed in.
"""
