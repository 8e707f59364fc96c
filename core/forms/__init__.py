"""Forms without a chat: what a settings model asks for, read from people's own writing, said back."""
