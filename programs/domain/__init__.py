"""Use-cases of the programs app: each a keyword-only function in one transaction."""
