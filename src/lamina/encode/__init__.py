"""Encoding: texts become vectors (`dense`) and terms (`sparse`), each of its text alone."""
