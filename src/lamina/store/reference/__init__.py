"""The reference store: plain dicts, assumed to be right; what the other stores are held equal to."""
