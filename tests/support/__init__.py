"""Parts that several test packages share."""
