"""The story. Nothing is decided here and nothing is caught: steps decide, the ladder catches."""

from __future__ import annotations

from contextlib import ExitStack

from upshot.event import Event
from upshot.inputs import Inputs
from upshot.inputs.choices import Conversation, Mode
from upshot.model import ReasonCode
from upshot.modes.job import World
from upshot.modes.shared.asking import ask_somebody
from upshot.modes.shared.gather import open_case
from upshot.modes.shared.lateness import tell_lateness
from upshot.modes.shared.lookup import Visiting, actor_may_ask
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.modes.shared.told import Told, ended_early
from upshot.modes.shared.transcript import replayed


def run(inputs: Inputs, event: Event, world: World) -> Told:
    """Does what `mode` says. Raises what the ladder in `__main__` explains, and nothing else."""
    visit = Visiting(inputs, event, world)
    if event.is_comment_triggered and not actor_may_ask(visit.result(), event):
        return refuse(event, world)
    if inputs.mode is Mode.COLLECT:
        from upshot.modes.collect import Collector  # not before: it loads all that publishes

        return Collector(inputs, event, world).collect(visit.result())
    return explain(inputs, event, world, visit)


def explain(inputs: Inputs, event: Event, world: World, visit: Visiting) -> Told:
    """The case, one question, one report: modes `explain`, `ask` and `task`.

    The visit to GitHub starts when the AI request is on its way. Only where the question depends
    on the conversation that our comment keeps, it comes first.
    """
    replay = replayed(inputs.run.replay_file) if inputs.run.replay_file else None
    is_continued = inputs.ask.conversation is Conversation.CONTINUE
    memory = visit.result().memory if is_continued else None
    access = obtain_access(inputs, event, world)
    with ExitStack() as stack:
        cloud = connect_cloud(inputs, access, world)
        if cloud is not None:
            stack.enter_context(cloud)
        case = open_case(inputs, event, cloud, world)
        reply = ask_somebody(
            inputs,
            event,
            case,
            world,
            access=access,
            cloud=cloud,
            memory=memory,
            visit=visit,
            replay=replay,
        )
    tell_lateness(reply, world)
    from upshot.modes.shared.publish_report import Teller  # not before: it loads all that publishes

    return Teller(inputs, event, world).tell(case, reply, visit.result())


def refuse(event: Event, world: World) -> Told:
    """Whoever may not write to the repository may not spend or post either (threat T25)."""
    world.ledger.remark(
        "Nothing was asked and nothing posted: the run was triggered by a comment of somebody "
        "without write access to this repository, or GitHub did not say.",
        anchor="not-allowed",
    )
    return Told(ended_early(ReasonCode.NOT_ALLOWED, run=event.run))
