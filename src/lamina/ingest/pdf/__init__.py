"""PDF becomes a document: its glyphs become lines and tables (`pages`, `rulings`), these blocks (`layout`).

A PDF says where each letter stands, and nothing of what is a heading or a paragraph: that is told by looks, and can be
wrong. What was read can be traced: each part of the text has its page and box.
"""
