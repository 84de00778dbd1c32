"""A GitHub that others wrote, as a process of the test: npm `emulate`, behind loopback."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

REPOSITORY: Final = "octocat/hello-world"
_APP: Final = 15_368
"""The id of the App that issues GITHUB_TOKEN."""
_INSTALLATION: Final = 100
_OWNER: Final = "owner-token"
_SEED: Final = {
    "tokens": {_OWNER: {"login": "octocat", "scopes": ["repo", "user"]}},
    "github": {
        "users": [{"login": "octocat", "name": "The Octocat", "email": "octocat@github.com"}],
        "repos": [{"owner": "octocat", "name": "hello-world", "auto_init": True}],
        "apps": [
            {
                "app_id": _APP,
                "slug": "github-actions",
                "name": "GitHub Actions",
                "permissions": {
                    "contents": "write",
                    "issues": "write",
                    "metadata": "read",
                    "pull_requests": "write",
                },
                "installations": [
                    {
                        "installation_id": _INSTALLATION,
                        "account": "octocat",
                        "repository_selection": "all",
                    }
                ],
            }
        ],
    },
}


class EmulatedGitHub:
    """Runs while it is entered; `url` and `pull` are there then."""

    def __init__(self, node: str, modules: Path) -> None:
        self._command = [node, str(Path(__file__).with_name("emulator.mjs")), str(modules)]
        self.url = ""
        self.pull: dict[str, Any] = {}
        """The pull request, as GET gives it."""

    def __enter__(self) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [*self._command, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(_SEED) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        self.url = told["url"]
        key = load_pem_private_key(told["key"].encode(), None)
        assert isinstance(key, RSAPrivateKey)
        self._key = key
        self.pull = self._open_pull_request()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=20)

    def mint(self, **permissions: str) -> str:
        """An installation token with these permissions, such as `issues="write"`."""
        made = self._call(
            "POST",
            f"/app/installations/{_INSTALLATION}/access_tokens",
            {"permissions": permissions},
            token=self._jwt(),
        )
        return str(made["token"])

    def comments(self) -> list[dict[str, Any]]:
        """The comments of the pull request."""
        found = self._call("GET", f"/repos/{REPOSITORY}/issues/{self.pull['number']}/comments")
        return list(found)

    def comment(self, text: str) -> None:
        """A person's comment."""
        path = f"/repos/{REPOSITORY}/issues/{self.pull['number']}/comments"
        self._call("POST", path, {"body": text})

    def payload(self) -> dict[str, Any]:
        """`event.json` of a run on the pull request."""
        return {
            "action": "synchronize",
            "number": self.pull["number"],
            "pull_request": self.pull,
            "repository": self._call("GET", f"/repos/{REPOSITORY}"),
            "sender": self._call("GET", "/user"),
        }

    def _open_pull_request(self) -> dict[str, Any]:
        base = f"/repos/{REPOSITORY}"
        main = self._call("GET", f"{base}/git/ref/heads/main")["object"]["sha"]
        self._call("POST", f"{base}/git/refs", {"ref": "refs/heads/api", "sha": main})
        text = base64.b64encode(b"runtime: nodejs\n").decode()
        file = {"message": "Add a stack", "content": text, "branch": "api"}
        self._call("PUT", f"{base}/contents/Pulumi.yaml", file)
        opened = {"title": "Run the API", "head": "api", "base": "main"}
        number = self._call("POST", f"{base}/pulls", opened)["number"]
        found: dict[str, Any] = self._call("GET", f"{base}/pulls/{number}")
        return found

    def _jwt(self) -> str:
        now = int(time.time())
        claims = {"iat": now - 60, "exp": now + 540, "iss": str(_APP)}
        parts = [_part({"alg": "RS256", "typ": "JWT"}), _part(claims)]
        signature = self._key.sign(".".join(parts).encode(), PKCS1v15(), SHA256())
        return ".".join([*parts, _encode(signature)])

    def _call(self, method: str, path: str, body: Any = None, *, token: str = _OWNER) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        reply = httpx.request(method, self.url + path, json=body, headers=headers, timeout=20)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()


def _part(value: dict[str, Any]) -> str:
    return _encode(json.dumps(value).encode())


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
