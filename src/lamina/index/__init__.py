"""The scope index: one wall's rows as arrays, and full score arrays over the walls that a read sees.

Arrays in, scores out: knows no database and opens no file.
"""
