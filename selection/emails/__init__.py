"""Emails of DHCS's side: one module for each topic."""
