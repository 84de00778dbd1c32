"""What happened on GitHub: `read_event(env, payload) -> Event`."""

from upshot.event.read import load_payload, read_event
from upshot.event.values import Comment, Event

__all__ = ["Comment", "Event", "load_payload", "read_event"]
