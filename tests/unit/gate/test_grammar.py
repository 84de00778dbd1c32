"""Commands in comments: the first line, exactly written; hostile bodies are none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.gate.grammar import MAX_BODY, MAX_REASON, USAGE, Command, Problem, Verb, parse_command

ID = "abcd-efgh-ijkl-mnop"
SHA = "0123456789abcdef0123456789abcdef01234567"
URN = "urn:pulumi:prod::shop::aws:sqs/queue:Queue::my orders"

# What an attacker may put around, into or instead of a command so that it looks like one.
HIDDEN = (
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u202e",
    "\u2066",
    "\u034f",
    "\U000e0041",
    "\x00",
    "\x07",
    "\x1b[8m",
)
SPACES = ("\u00a0", "\u2003", "\u3000", "\u1680", "\u2028", "\x0b", "\x0c", "\x85", "\x1c")
SLASHES = ("\u2215", "\u2044", "\uff0f", "\u29f8", "\\/", "&#47;", "//")


def said(body: str) -> Command:
    found = parse_command(body)
    assert found is not None
    return found


class TestCommands:
    @pytest.mark.parametrize(
        ("body", "command"),
        [
            ("/upshot", Command(Verb.HELP)),
            ("/upshot help", Command(Verb.HELP)),
            ("/upshot help ask", Command(Verb.HELP)),
            ("/upshot status", Command(Verb.STATUS)),
            ("/upshot cancel", Command(Verb.CANCEL)),
            ("/upshot undo", Command(Verb.UNDO)),
            ("/upshot retry", Command(Verb.RETRY)),
            ("/upshot explain", Command(Verb.EXPLAIN)),
            ("/upshot explain prod", Command(Verb.EXPLAIN, "prod")),
            ("/upshot explain acme/shop/prod", Command(Verb.EXPLAIN, "acme/shop/prod")),
            ("/upshot ask What failed first?", Command(Verb.ASK, "What failed first?")),
            ("/upshot ask\nWhat failed first?", Command(Verb.ASK, "What failed first?")),
            ("/upshot ask What\r\n\r\nfailed?\r\n", Command(Verb.ASK, "What\n\nfailed?")),
            (f"/upshot why {URN}", Command(Verb.WHY, URN)),
            ("/upshot why orders\nand more", Command(Verb.WHY, "orders")),
            ("/upshot task Fix it.\n\n- one\n- two", Command(Verb.TASK, "Fix it.\n\n- one\n- two")),
            ("/upshot reply Yes, the second one.", Command(Verb.REPLY, "Yes, the second one.")),
            (f"/upshot approve {ID}", Command(Verb.APPROVE, ID)),
            (f"/upshot reject {ID}", Command(Verb.REJECT, ID)),
            (f"/upshot approve {ID} {SHA[:7]}", Command(Verb.APPROVE, ID, SHA[:7])),
            (f"/upshot approve {ID} {SHA.upper()}", Command(Verb.APPROVE, ID, SHA)),
            (
                f"/upshot approve {ID} --reason  it is\tfine ",
                Command(Verb.APPROVE, ID, "", "it is fine"),
            ),
            (f"/upshot reject {ID} {SHA} --reason no", Command(Verb.REJECT, ID, SHA, "no")),
            (f"/upshot reject {ID} it drops data", Command(Verb.REJECT, ID, "", "it drops data")),
            (
                f"/upshot approve {ID} LGTM --reason x",
                Command(Verb.APPROVE, ID, "", "LGTM --reason x"),
            ),
            ("/upshot approve tlr_01HZX:4/a.b", Command(Verb.APPROVE, "tlr_01HZX:4/a.b")),
            ("/upshot \t status \t\r\n", Command(Verb.STATUS)),
        ],
    )
    def test_is_understood(self, body: str, command: Command) -> None:
        assert parse_command(body) == command

    @pytest.mark.parametrize(
        ("body", "problem", "tried"),
        [
            ("/upshot approves x", Problem.UNKNOWN, None),
            ("/upshot Ask x", Problem.UNKNOWN, None),
            ("/upshot --help", Problem.UNKNOWN, None),
            ("/upshot ask", Problem.NO_TEXT, Verb.ASK),
            ("/upshot ask \n \n", Problem.NO_TEXT, Verb.ASK),
            ("/upshot ask \u200b", Problem.NO_TEXT, Verb.ASK),
            ("/upshot task", Problem.NO_TEXT, Verb.TASK),
            ("/upshot reply", Problem.NO_TEXT, Verb.REPLY),
            ("/upshot why", Problem.NO_TEXT, Verb.WHY),
            ("/upshot why\norders", Problem.NO_TEXT, Verb.WHY),
            ("/upshot status now", Problem.TOO_MANY_WORDS, Verb.STATUS),
            ("/upshot cancel that", Problem.TOO_MANY_WORDS, Verb.CANCEL),
            ("/upshot retry now", Problem.TOO_MANY_WORDS, Verb.RETRY),
            ("/upshot undo it", Problem.TOO_MANY_WORDS, Verb.UNDO),
            ("/upshot explain a b", Problem.NO_STACK, Verb.EXPLAIN),
            ("/upshot explain a/b/c/d", Problem.NO_STACK, Verb.EXPLAIN),
            ("/upshot explain ../..//x", Problem.NO_STACK, Verb.EXPLAIN),
            ("/upshot approve", Problem.NO_ID, Verb.APPROVE),
            (f"/upshot approve\n{ID}", Problem.NO_ID, Verb.APPROVE),
            ("/upshot approve @bob", Problem.NO_ID, Verb.APPROVE),
            (f"/upshot approve {'a' * 201}", Problem.NO_ID, Verb.APPROVE),
            (f"/upshot approve {ID} 012345", Problem.NO_COMMIT, Verb.APPROVE),
            (f"/upshot approve {ID} {'a' * 65}", Problem.NO_COMMIT, Verb.APPROVE),
            (f"/upshot approve {ID} --force", Problem.NO_OPTION, Verb.APPROVE),
            (f"/upshot approve {ID} {SHA} --yes", Problem.NO_OPTION, Verb.APPROVE),
        ],
    )
    def test_is_not_understood_and_gets_help(
        self, body: str, problem: Problem, tried: Verb | None
    ) -> None:
        assert parse_command(body) == Command(Verb.HELP, problem=problem, tried=tried)

    @pytest.mark.parametrize("verb", Verb)
    def test_each_is_shown_as_it_is_written(self, verb: Verb) -> None:
        usage = re.sub(r"\[.*", "", USAGE[verb])
        assert said(usage.replace("ID", ID)).verb is verb

    def test_an_id_of_a_request_is_distinguished_from_any_other(self) -> None:
        assert said(f"/upshot approve {ID.upper().replace('-', '')}").request_id == ID
        assert said("/upshot approve tlr_01HZX").request_id == ""
        assert said(f"/upshot ask {ID}").request_id == ""

    def test_a_reason_is_one_line_and_bounded(self) -> None:
        reason = said(f"/upshot approve {ID} --reason {'word ' * 400}").reason
        assert len(reason) <= MAX_REASON
        assert "\n" not in reason


class TestNoCommand:
    @pytest.mark.parametrize(
        "body",
        [
            "", " ", "\n", "upshot approve", "hello", "/", "/upsho", "/upshots", "/upshot-approve", "/upshot:ask",
            "/upshot/approve", "/UPSHOT help", "/Upshot help", " /upshot help", "\t/upshot help", "\n/upshot help",
            "\r\n/upshot help", "> /upshot help", "```\n/upshot help\n```", "~~~\n/upshot help", "`/upshot help`",
            "    /upshot help", "<!-- /upshot help -->", "<p>/upshot help", "# /upshot help", "- /upshot help",
            "1. /upshot help", "| /upshot help |", "[/upshot help](x)", "**/upshot help**", "@bot /upshot help",
            "/deploy\n/upshot help", "\\/upshot help",
        ],
    )  # fmt: skip
    def test_t51_anything_else_at_the_start(self, body: str) -> None:
        assert parse_command(body) is None

    @pytest.mark.parametrize("char", [*HIDDEN, *SPACES])
    def test_t51_a_hidden_character_before_the_slash_or_in_the_word(self, char: str) -> None:
        assert parse_command(f"{char}/upshot approve {ID}") is None
        assert parse_command(f"/{char}upshot approve {ID}") is None
        assert parse_command(f"/up{char}shot approve {ID}") is None
        assert parse_command(f"/upshot{char} approve {ID}") is None
        assert parse_command(f"/upshot{char}approve {ID}") is None

    @pytest.mark.parametrize("char", [*HIDDEN, *SPACES])
    def test_t51_a_hidden_character_makes_no_vote(self, char: str) -> None:
        for body in (
            f"/upshot {char}approve {ID}",
            f"/upshot app{char}rove {ID}",
            f"/upshot approve{char} {ID}",
            f"/upshot approve {char}{ID}",
            f"/upshot approve {ID[:5]}{char}{ID[5:]}",
            f"/upshot approve {ID}{char}",
        ):
            assert not said(body).verb.is_vote, ascii(body)

    @pytest.mark.parametrize("slash", SLASHES)
    def test_t51_what_looks_like_a_slash_is_none(self, slash: str) -> None:
        assert parse_command(f"{slash}upshot approve {ID}") is None

    @pytest.mark.parametrize(
        "body",
        [
            "/upsh\u043et approve {}",
            "/upshot \u0430pprove {}",
            "/\uff55pshot approve {}",
            "/upshot a\u03c1prove {}",
        ],
    )
    def test_t51_letters_of_other_alphabets_make_no_vote(self, body: str) -> None:
        found = parse_command(body.format(ID))
        assert found is None or not found.verb.is_vote

    @pytest.mark.parametrize("verb", ["ask", "task", "reply"])
    def test_t59_a_command_inside_a_text_is_text(self, verb: str) -> None:
        body = f"/upshot {verb} first\n/upshot approve {ID}\n```\n/upshot reject {ID}\n```"
        found = said(body)
        assert found.verb == verb
        assert found.argument == body.removeprefix(f"/upshot {verb} ")
        assert found.request_id == ""


anything = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from([*HIDDEN[:-1], *SPACES, "\r", "\n", " ", "-", "/", ">", "`"]),
    ),
    max_size=60,
)
pieces = st.lists(
    st.one_of(
        st.sampled_from(["/upshot", " ", "\t", "\n", "\r\n", "approve", "reject", "ask", "why", "--reason", ID, SHA[:8], *HIDDEN]),
        anything,
    ),
    max_size=12,
).map("".join)  # fmt: skip


class TestWhateverIsWritten:
    @given(st.one_of(anything, pieces))
    def test_nothing_raises_and_only_the_exact_word_is_a_command(self, body: str) -> None:
        found = parse_command(body)
        assert (found is not None) == bool(re.match(r"/upshot(?:[ \t\r\n]|\Z)", body))

    @given(st.one_of(anything, pieces).map(lambda tail: "/upshot " + tail))
    def test_a_vote_is_written_in_plain_ascii_on_the_first_line(self, body: str) -> None:
        found = said(body)
        if found.verb.is_vote:
            line = re.split(r"\r|\n", body)[0]
            written = rf"/upshot[ \t]+{found.verb}[ \t]+{re.escape(found.argument)}(?![^ \t])"
            assert re.match(written, line), ascii(body)
            assert found.argument.isascii()
            assert re.fullmatch(r"(?:[0-9a-f]{7,64})?", found.commit)

    @given(st.one_of(anything, pieces).map(lambda tail: "/upshot " + tail))
    def test_no_text_holds_what_is_invisible(self, body: str) -> None:
        found = said(body)
        assert "\n" not in found.reason
        for text in (found.argument, found.reason):
            assert not re.search(
                r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", text
            )

    @given(st.one_of(anything, pieces), st.sampled_from(("\n", "\r\n", "\r")))
    def test_later_lines_change_no_vote(self, tail: str, end: str) -> None:
        first = f"/upshot approve {ID} {SHA[:9]} --reason fine"
        assert parse_command(first + end + tail) == parse_command(first)

    @given(st.sampled_from(list(Verb)), anything)
    def test_what_is_behind_the_longest_body_is_not_read(self, verb: Verb, tail: str) -> None:
        padded = f"/upshot {verb} {ID} ".ljust(MAX_BODY, "x")
        assert parse_command(padded + tail) == parse_command(padded)


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "/upshot ",
        "-",
        "a-",
        "--reason ",
        "\u200b",
        "\ufe0f",
        "\x1b[",
        "```\n",
        "\ud800",
        "a" * 64 + " ",
    ],
)
@pytest.mark.parametrize(
    "start",
    [
        "",
        "/upshot ",
        "/upshot ask ",
        "/upshot why ",
        f"/upshot approve {ID} ",
        "/upshot approve ",
        f"/upshot reject {ID} --reason ",
    ],
)
def test_t38_a_huge_body_is_read_once(start: str, unit: str) -> None:
    """With work that grows by the square of the length, this would take hours."""
    body = start + unit * (4_000_000 // len(unit))
    assert parse_command(body) == parse_command(body[:MAX_BODY])
