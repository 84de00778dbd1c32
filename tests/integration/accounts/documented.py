"""Pulumi Cloud's agent accounts as its documentation page describes them, and nothing more.

A server of the standard library, written from that page alone: paths, methods, the fields that it calls
required or optional, and the rule that a blocked claim changes nothing. It shares no code with Upshot
or with the sandbox, and checks by itself what it is sent.
"""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

ACCESS_TOKEN = "pul-" + "a1b2c3d4e5" * 4
HUMAN_TOKEN = "pul-" + "9f8e7d6c5b" * 4
CLAIM_TOKEN = "0d9c1b62-7f0a-4be1-8c11-2a1f5ce7d0b4"
CHALLENGE_ID = "8f6a2c1e"
CHALLENGE_DATA = "v1:0123456789abcdef:9"
SOURCE, DESTINATION = "agent-abc123", "acme"


class Got(NamedTuple):
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


class Documented:
    """The page as a server, while it is entered. One agent, whose stack `web/dev` moves to `acme`."""

    def __init__(
        self, *, challenge_path: str = "/api/agents/signup", taken: tuple[str, ...] = ()
    ) -> None:
        self.challenge_path = challenge_path
        self.taken = list(taken)
        """`project/stack` names of the destination."""
        self.owned = ["web/dev"]
        self.got: list[Got] = []
        self.wrong: list[str] = []
        self.claims: dict[str, dict[str, Any]] = {}
        self.is_challenge_open = False
        self.is_claimed = False
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                text = self.rfile.read(length)
                url = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                got = Got(
                    self.command,
                    url.path,
                    parse_qs(url.query),
                    headers,
                    json.loads(text) if text else None,
                )
                page.got.append(got)
                status, reply = page.reply(got)
                data = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, got: Got) -> tuple[int, Any]:
        segments = [unquote(segment) for segment in got.path.split("/")[1:]]
        match got.method, segments:
            case "GET", _ if got.path == self.challenge_path:
                self.is_challenge_open = True
                return 200, {"challengeID": CHALLENGE_ID, "challengeData": CHALLENGE_DATA}
            case "POST", ["api", "agents", "signup"]:
                return self.sign_up(got)
            case "GET", ["api", "agents", "signup", "validate", token]:
                if token != CLAIM_TOKEN or self.is_claimed:
                    return 404, {"code": 404, "message": "Not Found"}
                return 200, self.describe([])
            case "POST", ["api", "agents", organization, "claim"]:
                return self.claim(got, organization)
            case "GET", ["api", "agents", organization, "claim", "status"]:
                if got.headers.get("authorization") != f"token {HUMAN_TOKEN}":
                    return 401, {"code": 401, "message": "Unauthorized"}
                if organization != DESTINATION:
                    return 404, {"code": 404, "message": "Not Found"}
                return 200, {"claims": self.claims}
        return 404, {"code": 404, "message": "Not Found"}

    def sign_up(self, got: Got) -> tuple[int, Any]:
        self.require(got, {"challengeID": str, "challengeResult": str}, optional={})
        digest = hashlib.sha256(f"{CHALLENGE_DATA}:{got.body['challengeResult']}".encode())
        zeros = 256 - int(digest.hexdigest(), 16).bit_length()
        if not self.is_challenge_open or got.body["challengeID"] != CHALLENGE_ID or zeros < 9:
            return 400, {"code": 400, "message": "Bad Request: invalid challenge result"}
        self.is_challenge_open = False
        return 200, {
            "accessToken": ACCESS_TOKEN,
            "accessTokenValidUntil": "2026-11-29T10:00:00Z",
            "claimToken": CLAIM_TOKEN,
            "claimTokenValidUntil": "2026-12-26T10:00:00Z",
            "userInfo": {
                "id": "1",
                "githubLogin": "agent-abc123",
                "name": "agent-abc123",
                "email": "",
                "avatarUrl": "",
                "organizations": [{"githubLogin": SOURCE, "name": SOURCE, "avatarUrl": ""}],
                "potentialOrganizations": [],
                "identities": [],
                "hasMFA": False,
                "isOrgManaged": False,
                "isManagedByMultiOrg": False,
                "isAgent": True,
            },
        }

    def claim(self, got: Got, organization: str) -> tuple[int, Any]:
        if got.headers.get("authorization") != f"token {HUMAN_TOKEN}":
            return 401, {"code": 401, "message": "Unauthorized"}
        self.require(got, {"claimToken": str}, optional={"conflictsResolution": list})
        if organization != DESTINATION or got.body["claimToken"] != CLAIM_TOKEN or self.is_claimed:
            return 404, {"code": 404, "message": "Not Found"}
        resolution = got.body.get("conflictsResolution") or []
        found = self.describe(resolution)
        is_dry = got.query.get("dryRun", ["false"]) == ["true"]
        if not is_dry and not found["conflicts"] and not found["failures"]:
            found["transferToken"] = "transfer-1"
            self.is_claimed = True
            self.taken += self.names(resolution)
            self.owned = []
            self.claims["transfer-1"] = self.describe([])
        return 200, found

    def describe(self, resolution: list[Any]) -> dict[str, Any]:
        names = self.names(resolution)
        pairs = zip(self.owned, names, strict=True)
        return {
            "agent": {
                "login": "agent-abc123",
                "orgName": SOURCE,
                "createdAt": "2026-11-26T10:00:00Z",
            },
            "entities": [entity(name) for name in self.owned],
            "conflicts": [entity(name) for name, after in pairs if after in self.taken],
            "failures": [],
            "claimExpiresAt": "2026-12-26T10:00:00Z",
        }

    def names(self, resolution: list[Any]) -> list[str]:
        """The names of the agent's stacks after the claim."""
        renames = {}
        for given in resolution:
            new = given["renameAs"]
            kinds = (given["kind"], new["kind"])
            if kinds != ("TransferEntityStackRename", "TransferEntityStack"):
                self.wrong.append(f"kinds {kinds}")
            renames[f"{given['projectName']}/{given['stackName']}"] = (
                f"{new['projectName']}/{new['stackName']}"
            )
        return [renames.get(name, name) for name in self.owned]

    def require(self, got: Got, required: dict[str, type], *, optional: dict[str, type]) -> None:
        """The page's own words for a body: nothing is missing, nothing is added."""
        for name, kind in required.items():
            if not isinstance(got.body.get(name), kind) or not got.body[name]:
                self.wrong.append(f"{got.path}: {name} is required and a {kind.__name__}")
        for name, value in got.body.items():
            if not isinstance(value, (required | optional).get(name, ())):
                self.wrong.append(f"{got.path}: {name} is not on the page")


def entity(name: str) -> dict[str, Any]:
    project, stack = name.split("/")
    return {"kind": "TransferEntityStack", "projectName": project, "stackName": stack}
