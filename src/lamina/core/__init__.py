"""The vocabulary of Lamina: frozen records, values and rules that everything else speaks.

Knows no file, no network, no array library and no other package of Lamina; imports the standard library alone.
"""
