"""The demo: everything against the sandbox, played by itself or by whoever sits there."""

from bot.demo.walk import play

__all__ = ["play"]
