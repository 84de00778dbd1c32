"""What happened on GitHub: `read_event(env, payload) -> Event`."""

from upshot.event.read import read_event
from upshot.event.values import Comment, Event

__all__ = ["Comment", "Event", "read_event"]
