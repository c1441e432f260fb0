"""Settings: `base` holds what never differs; `dev`, `test` and `production` hold only differences."""
