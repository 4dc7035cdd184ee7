"""Faces: ways to reach a memory from outside Python code. Each parses, calls the verbs, and shows; none decides."""
