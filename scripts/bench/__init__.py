"""`make bench`: how fast the main pages are, each beside the floor under it.

The *floor* of a page is what the same server needs for one hand-written SQL query for the same rows
and a joined string (for a save: one UPDATE). What a page costs above that is ours.
"""
