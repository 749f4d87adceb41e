"""The HTTP shape of API v1. Each route hands its question to a worker; what it comes to is in `web.answers`."""
