"""Template tags of accounts, also for allauth's pages."""
