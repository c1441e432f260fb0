"""Scoring: assignments, score sheets, the official MCP score and its recommendation."""
