"""Ingest: messages, documents and tool traces become drafts of observations; checked, timed, otherwise verbatim."""
