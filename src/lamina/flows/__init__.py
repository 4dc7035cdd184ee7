"""Flows: the stories. Each fetches, calls the stages in order, and writes; each reads like its own description."""
