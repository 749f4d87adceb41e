"""
How the price files are made: genai-prices as the source, our corrections on top, every change reported.

Nothing here is imported when a call is priced.
"""
