"""What is shipped for tests: the exams that stores and encoders sit, small fakes, builders, and the sample life.

Importing this package imports no test tool; the modules that need pytest or hypothesis import them themselves.
"""
