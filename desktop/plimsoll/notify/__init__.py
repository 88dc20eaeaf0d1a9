"""The messenger: alerts by e-mail and webhook, each from a thread of its own."""
