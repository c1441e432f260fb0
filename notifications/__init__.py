"""The outbox: how every email leaves the portal. It knows nothing of applications."""
