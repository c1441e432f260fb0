"""Use-cases: each is one transaction, keyword-only, with the actor as `by`."""
