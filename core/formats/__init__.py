"""How numbers and dates are typed and written by language (FORMAT_MODULE_PATH).

The portal is for California: in every language a point comes before the cents, a comma between
thousands, and a typed date is month/day/year, so that the same keys never mean another day.
"""
