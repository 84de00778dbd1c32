"""What people do between two runs of a scenario."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from upshot_sandbox.github.people.history import EnvironmentReview
from upshot_sandbox.scenario import ActPlan
from upshot_sandbox.world import World

_ID: Final = re.compile(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}")


def act(world: World, plan: ActPlan) -> str:
    """Does it; the end of the sentence "Then …"."""
    text = plan.text.replace("{id}", request_id(world))
    history, user = world.github_history, world.github.user(plan.by)
    match plan.does:
        case "comment":
            world.github.add(user, text)
            return f"{plan.by} comments: {text}"
        case "review":
            history.review(plan.by, plan.state, text)
            return f"{plan.by} reviews: {plan.state}"
        case "push":
            history.push(plan.by)
            return f"{plan.by} pushes a commit"
        case "environment":
            made = EnvironmentReview(user, plan.state, plan.environment, text)
            history.environment_reviews.append(made)
            return f"{plan.by} reviews the deployment to {plan.environment}: {plan.state}"
        case "preview":
            cloud = world.scenario.cloud
            first, *others = cloud.updates
            world.scenario = replace(world.scenario, cloud=replace(cloud, updates=(*others, first)))
            return "the preview that runs again would do something else"
        case "update":
            hidden = [update for update in world.scenario.cloud.updates if update.hidden]
            world.cloud.updates = [replace(update, hidden=False) for update in hidden]
            return "the stack is updated again"
    raise ValueError(f"nobody can do {plan.does!r}")


def request_id(world: World) -> str:
    """What the newest report asks with; empty where none asks."""
    shown = [found for comment in world.github.by_bot() for found in _ID.findall(comment.body)]
    return shown[-1] if shown else ""
