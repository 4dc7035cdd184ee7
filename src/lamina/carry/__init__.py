"""Memories as lines that other programs and people read, and read back: formats alone, no files."""
