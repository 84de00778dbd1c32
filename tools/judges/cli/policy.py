# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ARG002, N802 - gRPC's names; its packages are in the judge's environment alone
"""A policy pack that judges each resource by what the resource itself says in its `note`.

Runs as a policy pack that is one executable file. A note is `LEVEL: NAME: text`, where LEVEL is advisory,
mandatory or `stack LEVEL` (judged when the whole stack is known); `crash: text` ends the plugin.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from stand_in import end_with_parent, plain

LEVELS = {"advisory": analyzer_pb2.ADVISORY, "mandatory": analyzer_pb2.MANDATORY}


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    def Handshake(self, request, context):
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request, context):
        return proto.PluginInfo(version="1.2.3")

    def GetAnalyzerInfo(self, request, context):
        return analyzer_pb2.AnalyzerInfo(name="judges", displayName="judges", version="1.2.3")

    def Configure(self, request, context):
        return empty_pb2.Empty()

    def ConfigureStack(self, request, context):
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Remediate(self, request, context):
        return analyzer_pb2.RemediateResponse()

    def Analyze(self, request, context):
        return analyzer_pb2.AnalyzeResponse(diagnostics=found(request, is_stack=False))

    def AnalyzeStack(self, request, context):
        diagnostics = [d for each in request.resources for d in found(each, is_stack=True)]
        return analyzer_pb2.AnalyzeResponse(diagnostics=diagnostics)

    def Cancel(self, request, context):
        return empty_pb2.Empty()


def found(resource, *, is_stack: bool):
    """The violation that the resource asks for, if it asks for one at this time."""
    level, _, rest = str(plain(resource.properties).get("note") or "").partition(": ")
    if level == "crash":
        print(f"panic: {rest}\n\ngoroutine 1 [running]:", file=sys.stderr, flush=True)
        os._exit(2)
    if level.startswith("stack ") is not is_stack or level.removeprefix("stack ") not in LEVELS:
        return []
    name, _, text = rest.partition(": ")
    return [
        analyzer_pb2.AnalyzeDiagnostic(
            policyName=name,
            policyPackName="judges",
            policyPackVersion="1.2.3",
            description=text,
            message=text,
            enforcementLevel=LEVELS[level.removeprefix("stack ")],
            urn=resource.urn,
        )
    ]


def main() -> None:
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))  # the engine's word to stop
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Pack(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
