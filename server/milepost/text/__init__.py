"""Words from disk: prompts, tool descriptions and skills; nothing here knows what they are used for."""
