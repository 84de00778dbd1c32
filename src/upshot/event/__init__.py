"""What happened on GitHub: `read_event(env, payload) -> Event`."""

from upshot.event.addresses import Addresses, parse_addresses
from upshot.event.read import load_payload, read_event
from upshot.event.values import Comment, Event

__all__ = ["Addresses", "Comment", "Event", "load_payload", "parse_addresses", "read_event"]
