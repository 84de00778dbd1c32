"""A secret leaves in no disguise, whatever stands around it."""

from __future__ import annotations

from typing import Final

import pytest
from tests.security.leaks import disguises, tells

from upshot.report.markdown.defang import defang_markdown
from upshot.report.markdown.escape import escape_inline, fence
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret
from upshot.text import strip_invisible

SECRETS: Final = {
    "a token of GitHub's": "ghs_Zk3XvW9qLmT2rB7yHc5NdF8jPaE1uGs4KoQi",
    "a token of Pulumi's": "pul-0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "a passphrase": "correct-horse-7-battery_staple+42/Xy",
    "one that no shape knows": "Qm7vT2xKp9sLw4Zr8YhB6nJd",
}
NAMES: Final = sorted(disguises("x" * 40))


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("name", NAMES)
def test_t9_t10_a_secret_leaves_in_no_disguise(name: str, secret: str) -> None:
    text = disguises(secret)[name]
    assert tells(text, secret), "the judge must see it"
    redactor = Redactor([Secret(secret)])
    redacted = redactor.redact(text)
    shown = {
        "as it is": redacted,
        "in the log": strip_invisible(redacted),
        "in a fence": fence(redacted),
        "in a line": escape_inline(redacted),
        "as an answer": defang_markdown(
            redacted, allowed_hosts={"app.pulumi.com"}, redact=redactor.redact
        ),
    }
    assert {how: told for how, text in shown.items() if (told := tells(text, secret))} == {}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_t15_a_link_carries_no_secret_in_its_address(secret: str) -> None:
    for name in ("in an allowed address", "in an allowed link", "in a link, every byte"):
        text = disguises(secret)[name]
        shown = defang_markdown(
            text, allowed_hosts={"app.pulumi.com"}, redact=Redactor([Secret(secret)]).redact
        )
        assert "](" not in shown
        assert not tells(shown, secret)


def test_t11_ordinary_words_stay_whatever_is_a_secret() -> None:
    text = "The production cluster of acme: web server, web-server, WEB_SERVER, 101112131415."
    words = ("production-cluster", "web-server-acme")
    for word in words:
        assert Redactor([Secret(word)]).redact(text) == text


def test_t10_an_emoji_keeps_its_look() -> None:
    text = "⚠️ 1️⃣ ❤️ 👩‍💻"
    assert Redactor([]).redact(text) == text.replace("\u200d", "")
