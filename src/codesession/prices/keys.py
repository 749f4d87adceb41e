"""The one spelling under which models are looked up."""


def canonical(model: str) -> str:
    """One spelling for letters and version dots: `Claude-Opus-4.6` and `claude-opus-4-6` are the same key."""
    return model.strip().lower().replace(".", "-")
