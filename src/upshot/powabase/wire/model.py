"""Uses another model for one turn, and sets the project's own one back (`powabase-model`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from upshot.errors import InputError, ServiceError
from upshot.powabase.wire.client import PowabaseClient


@contextmanager
def model_for_turn(
    client: PowabaseClient, wanted: str, *, on_warning: Callable[[str], None]
) -> Iterator[None]:
    """Sets `wanted` for the block, then what was set before; does nothing for an empty name.

    The setting is the whole project's: others who ask meanwhile get this model, too. Raises
    InputError for a model that the service does not offer. When the old one cannot be set back,
    `on_warning` gets a sentence that says who must act.
    """
    if not wanted:
        yield
        return
    found = client.get_model()
    if found.options and wanted not in found.options:
        raise InputError(
            "powabase-model", f"{wanted[:80]!a}", f"one of {', '.join(found.options[:40])}"
        )
    if found.model == wanted:
        yield
        return
    client.put_model(wanted)
    try:
        yield
    finally:
        try:
            client.put_model(found.model or found.default)
        except ServiceError as error:
            on_warning(
                f"The project's Copilot still has the model {wanted[:80]}: {error.message}. The "
                f"owner of the project must act: set it back to {(found.model or found.default)[:80]}."
            )
