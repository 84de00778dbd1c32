# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ARG002, N802 - gRPC's names; its packages are in the judge's environment alone
"""A provider that does what a program asks of it: create, fail with a given text, hang, crash.

Runs in the environment of the judge alone (`pulumi` and `grpcio`), as the plugin of any package
name; the schema lists every type that the programs use. Standard library besides those two.

A resource's input `fault` is `STEP: text`, where STEP is check, diff, create, update, delete, read,
or `crash STEP`, `init STEP` (made, yet not ready), `preview STEP` (in a preview, as a dry run does);
`slow` is seconds of each change, `slow_read` of each read; `replace` is a value whose change demands a replacement; `vanished` makes a read find nothing, and
`drift` makes it find another value; `tags` is a map of texts; `log` is `SEVERITY: text`, logged while it is made.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from google.rpc import status_pb2
from grpc_status import rpc_status
from pulumi.runtime import proto
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

PROPERTIES = {
    "fault": "string", "slow": "number", "replace": "string", "drift": "string",
    "slow_read": "number", "vanished": "boolean", "value": "string", "early": "boolean", "note": "string", "log": "string",
}  # fmt: skip
Inputs = dict[str, Any]


def plain(properties: Any) -> Inputs:
    return json.loads(json.dumps({k: _plain(v) for k, v in properties.fields.items()}))


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        inner = {k: _plain(v) for k, v in value.struct_value.fields.items()}
        return inner.get("value", inner)  # a secret is wrapped
    if kind == "list_value":
        return [_plain(v) for v in value.list_value.values]
    return None if kind == "null_value" else getattr(value, kind)


def packed(inputs: Inputs) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(inputs)
    return found


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, package: str, version: str, types: list[str], engine: str) -> None:
        self._package, self._version, self._types, self._engine = package, version, types, engine

    # -- the plugin itself

    def Handshake(self, request, context):
        return proto.ProviderHandshakeResponse()

    def GetPluginInfo(self, request, context):
        return proto.PluginInfo(version=self._version)

    def GetSchema(self, request, context):
        fields = {name: {"type": kind} for name, kind in PROPERTIES.items()}
        fields["tags"] = {"type": "object", "additionalProperties": {"type": "string"}}
        resource = {"properties": fields, "inputProperties": fields}
        config = {"variables": {"region": {"type": "string"}, "broken": {"type": "string"}}}
        schema = {
            "name": self._package,
            "version": self._version,
            "config": config,
            "provider": {"inputProperties": config["variables"]},
            "resources": dict.fromkeys(self._types, resource),
            "functions": {
                f"{self._package}:index:find": {
                    "inputs": {"properties": {"name": {"type": "string"}}},
                    "outputs": {"properties": {"id": {"type": "string"}}},
                }
            },
        }
        return proto.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request, context):
        step, _, text = str(plain(request.news).get("broken", "")).partition(": ")
        failures = [proto.CheckFailure(property="region", reason=text)] if step == "check" else []
        return proto.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request, context):
        return proto.DiffResponse()

    def Configure(self, request, context):
        broken = plain(request.args).get("broken")
        if broken:
            context.abort(grpc.StatusCode.UNKNOWN, broken)
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptOutputs=True)

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def Invoke(self, request, context):
        name = plain(request.args).get("name", "")
        if name.startswith("refused "):
            failure = proto.CheckFailure(property="name", reason=name.removeprefix("refused "))
            return proto.InvokeResponse(failures=[failure])
        if ":" in name:
            context.abort(
                grpc.StatusCode.UNKNOWN, f"invocation of {request.tok} returned an error: {name}"
            )
        return proto.InvokeResponse(**{"return": packed({"id": name})})

    # -- resources

    def Check(self, request, context):
        news = plain(request.news)
        step, _, text = str(news.get("fault", "")).partition(": ")
        if step == "check":
            reasons, _, name = text.rpartition(" @")
            failures = [proto.CheckFailure(property=name, reason=r) for r in reasons.split(" | ")]
            return proto.CheckResponse(inputs=request.news, failures=failures)
        self._act("check", news, context)
        return proto.CheckResponse(inputs=request.news)

    def Diff(self, request, context):
        olds, news = plain(request.olds), plain(request.news)
        self._act("diff", news, context)
        changed = sorted(k for k in {**olds, **news} if olds.get(k) != news.get(k))
        replaces = ["replace"] if "replace" in changed else []
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            deleteBeforeReplace=bool(news.get("early")),
        )

    def Create(self, request, context):
        inputs = plain(request.properties)
        self._act("preview create" if request.preview else "create", inputs, context, request.urn)
        return proto.CreateResponse(
            id="" if request.preview else f"id-{abs(hash(request.urn)) % 99991}",
            properties=request.properties,
        )

    def Update(self, request, context):
        step = "preview update" if request.preview else "update"
        self._act(step, plain(request.news), context, request.urn)
        return proto.UpdateResponse(properties=request.news)

    def Delete(self, request, context):
        self._act("delete", plain(request.properties), context)
        return empty_pb2.Empty()

    def Read(self, request, context):
        state = plain(request.properties)
        self._act("read", state, context)
        if state.get("vanished") or "missing" in request.id:
            return proto.ReadResponse()
        if state.get("drift"):
            state = {**state, "value": state["drift"]}
        return proto.ReadResponse(
            id=request.id,
            properties=packed(state),
            inputs=packed(state) if state else packed({"value": "found"}),
        )

    def _say(self, severity: str, said: str, urn: str) -> None:
        """Logs by the engine, as a provider does: `info`, `warning` or `error`."""
        with grpc.insecure_channel(self._engine) as channel:
            request = proto.LogRequest(
                severity={"info": 1, "warning": 2, "error": 3}[severity], message=said, urn=urn
            )
            engine_pb2_grpc.EngineStub(channel).Log(request)

    def _act(self, step: str, inputs: Inputs, context: Any, urn: str = "") -> None:
        if step in {"create", "update", "delete"}:
            time.sleep(float(inputs.get("slow") or 0))
        elif step == "read":
            time.sleep(float(inputs.get("slow_read") or 0))
        if step in {"create", "update"} and inputs.get("log"):
            severity, _, said = str(inputs["log"]).partition(": ")
            self._say(severity, said, urn)
        fault, _, text = str(inputs.get("fault", "")).partition(": ")
        if fault == f"crash {step}":
            print(
                f"panic: {text}\n\ngoroutine 41 [running]:\nmain.main()\n\t/build/main.go:7 +0x1d",
                file=sys.stderr,
                flush=True,
            )
            os._exit(2)
        if fault == f"init {step}":
            detail = proto.ErrorResourceInitFailed(
                id="id-half",
                properties=packed(inputs),
                reasons=text.split(" | "),
                inputs=packed(inputs),
            )
            held = any_pb2.Any()
            held.Pack(detail)
            context.abort_with_status(
                rpc_status.to_status(
                    status_pb2.Status(code=2, message="resource init failed", details=[held])
                )
            )
        if fault == step:
            context.abort(grpc.StatusCode.UNKNOWN, text)


def end_with_parent(parent: int) -> None:
    """A CLI that was killed leaves no plugin behind."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def main(package: str, version: str, types: list[str], engine: str) -> None:
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))  # the engine's word to stop
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        StandIn(package, version, types, engine), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4])
