"""Facts that no GitHub would give: each field any value of its type."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.unit.gate.cases import HEAD, ID, MERGE, PLAN_REQUEST, REQUEST, TREE, TREE_REQUEST

from upshot.gate.facts import (
    Account,
    CoAuthor,
    Comment,
    Commit,
    EnvironmentApproval,
    GateFacts,
    Permission,
    PullRequest,
    Review,
    Revision,
    ThisRun,
)
from upshot.gate.policy import Policy, Source

times = st.one_of(st.floats(), st.sampled_from((0.0, 1e9, 1.8e9, 1e18)))
numbers = st.integers(-3, 12)
words = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from((HEAD, TREE, MERGE, "", "bob")),
)
bodies = st.one_of(
    words,
    st.sampled_from((f"/upshot approve {ID}", f"/upshot reject {ID} {HEAD}", "/upshot approve")),
)
accounts = st.none() | st.builds(Account, numbers, words, st.sampled_from(("User", "Bot", "")))
people = accounts.filter(lambda account: account is not None)
revisions = st.none() | st.builds(Revision, st.none() | times, st.booleans())
comments = st.builds(
    Comment,
    id=numbers,
    author=accounts,
    app=words,
    body=bodies,
    created_at=times,
    updated_at=times,
    revision=revisions,
)
reviews = st.builds(
    Review, id=numbers, author=accounts, state=st.sampled_from(("APPROVED", "CHANGES_REQUESTED", "DISMISSED", "X")),
    commit=words, body=bodies, submitted_at=st.none() | times, revision=revisions, tree=st.none() | words,
)  # fmt: skip
environments = st.builds(
    EnvironmentApproval, user=accounts, state=st.sampled_from(("approved", "rejected", "")),
    environments=st.lists(st.sampled_from(("production", "x", "")), max_size=2).map(tuple), comment=words,
)  # fmt: skip
pulls = st.none() | st.builds(
    PullRequest, repository=st.just(77), number=st.just(12), author=accounts, created_at=times, head_sha=words,
    base_ref=words, is_open=st.booleans(), is_merged=st.booleans(), is_locked=st.booleans(), merge_sha=words,
    merged_by=accounts,
)  # fmt: skip
commits = st.none() | st.builds(
    Commit, sha=words, tree=words, authors=st.lists(people, max_size=1).map(tuple),
    co_authors=st.lists(st.builds(CoAuthor, words, accounts), max_size=1).map(tuple),
)  # fmt: skip
strange_facts = st.builds(
    GateFacts,
    now=times, pull=pulls, pull_again=pulls, commit=commits, merge=commits,
    run=st.builds(ThisRun, is_push=st.booleans(), sha=words, created_at=st.none() | times),
    pushers=st.none() | st.lists(people, max_size=1).map(tuple),
    comments=st.none() | st.lists(comments, max_size=3).map(tuple),
    reviews=st.none() | st.lists(reviews, max_size=3).map(tuple),
    environment_approvals=st.none() | st.lists(environments, max_size=2).map(tuple),
    permissions=st.dictionaries(numbers, st.builds(Permission, st.none() | numbers, words), max_size=3),
    unread=st.lists(words, max_size=1).map(tuple),
)  # fmt: skip
policies = st.sampled_from(
    (Policy(), Policy(required=2), Policy(allow_self=True), Policy(approvers=("bob", "@acme/ops")),
     Policy(sources=tuple(Source), environment="production"), Policy(expires_s=1.0))
)  # fmt: skip
requests = st.sampled_from((REQUEST, TREE_REQUEST, PLAN_REQUEST))
