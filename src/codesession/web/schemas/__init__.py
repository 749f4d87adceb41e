"""Every answer and every request body of API v1, typed. Keys are camelCase, as everywhere in JSON."""
