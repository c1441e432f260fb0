"""The synthetic demo cohort: practices, applications, scores and people that reproduce cohort 1.

Everything here is made up and says so. Nothing of the portal depends on this package.
"""
