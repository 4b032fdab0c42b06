"""The rows of the catalogue, one file per channel and one for the campaign as a whole.

Owns nothing but literal rows: no loop, no name that is put together.
"""
