"""Another model for one turn, and the project's own one set back."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.unit.http.conftest import MakeClient

from upshot.errors import InputError, ServiceUnavailable
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.model import model_for_turn


class Settings:
    """The model of a project; refuses the puts in `fails`, by number."""

    def __init__(
        self, make_client: MakeClient, *, options: Any = ("a", "b"), fails: Any = ()
    ) -> None:
        self.model = "a"
        self.puts: list[str] = []
        self.warnings: list[str] = []
        self._options = list(options)
        self._fails = fails
        self.client = PowabaseClient(make_client(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            self.puts.append(json.loads(request.content)["model"])
            if len(self.puts) in self._fails:
                return httpx.Response(403, json={"error": "no"})
            self.model = self.puts[-1]
        return httpx.Response(
            200, json={"model": self.model, "default": "a", "options": self._options}
        )

    def use(self, wanted: str) -> Any:
        return model_for_turn(self.client, wanted, on_warning=self.warnings.append)


def test_it_is_set_for_the_turn_and_set_back(make_client: MakeClient) -> None:
    settings = Settings(make_client)
    with settings.use("b"):
        assert settings.model == "b"
    assert (settings.model, settings.puts, settings.warnings) == ("a", ["b", "a"], [])


def test_it_is_set_back_when_the_turn_fails(make_client: MakeClient) -> None:
    settings = Settings(make_client)
    with pytest.raises(ServiceUnavailable), settings.use("b"):
        raise ServiceUnavailable("x")
    assert settings.puts == ["b", "a"]


@pytest.mark.parametrize("wanted", ["", "a"])
def test_nothing_is_set_where_nothing_is_to_do(make_client: MakeClient, wanted: str) -> None:
    settings = Settings(make_client)
    with settings.use(wanted):
        assert settings.model == "a"
    assert settings.puts == []


def test_an_empty_wish_asks_nothing(make_client: MakeClient) -> None:
    settings = Settings(make_client)
    with settings.use(""):
        pass
    assert settings.client.requests == 0


def test_a_model_that_is_not_offered_is_the_workflows_mistake(make_client: MakeClient) -> None:
    settings = Settings(make_client)
    with pytest.raises(InputError, match=r"'powabase-model': got 'gpt-4o'; allowed: one of a, b"):
        settings.use("gpt-4o").__enter__()
    assert settings.puts == []


def test_a_service_that_offers_no_list_decides_itself(make_client: MakeClient) -> None:
    settings = Settings(make_client, options=())
    with settings.use("gpt-4o"):
        assert settings.model == "gpt-4o"


def test_a_model_that_cannot_be_set_back_is_reported(make_client: MakeClient) -> None:
    settings = Settings(make_client, fails=(2,))
    with settings.use("b"):
        pass
    (warning,) = settings.warnings
    assert "still has the model b" in warning
    assert "The owner of the project must act: set it back to a." in warning
