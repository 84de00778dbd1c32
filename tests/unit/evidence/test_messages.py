"""What one message says: its cause, its codes, its place in the program."""

from __future__ import annotations

import pytest

from upshot.evidence.failure.cause import Standing, headline_of, standing_of
from upshot.evidence.failure.details import find_error_code, find_location, find_status_code


@pytest.mark.parametrize(
    ("message", "headline"),
    [
        ("error: plain", "plain"),
        ("1 error occurred:\n\t* first cause\n\t* second", "first cause"),
        ("1 error occurred:\n* updating x: 1 error occurred:\n* the inner one", "the inner one"),
        (
            (
                "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
                '  File "a.py", line 1, in <module>\n    f()\nValueError: no'
            ),
            "ValueError: no",
        ),
        (
            (
                "Running program '/a/Shop.dll' failed with an unhandled exception:\n"
                "System.Reflection.TargetInvocationException: Exception has been thrown\n"
                " ---> System.ArgumentException: bad size\n   at Shop.Run() in /a/Shop.cs:line 4"
            ),
            "---> System.ArgumentException: bad size",
        ),
        (
            (
                'Exception in thread "main" java.lang.RuntimeException: outer\n'
                "\tat shop.App.run(App.java:3)\nCaused by: java.io.IOException: inner"
            ),
            "Caused by: java.io.IOException: inner",
        ),
        ("\n\n  error:   spaced out  ", "spaced out"),
        (
            (
                "2 errors occurred:\n\n* Resource 'a-1' was created but failed to initialize\n"
                "* its Pods did not become live"
            ),
            "its Pods did not become live",
        ),
        (
            "unable to validate AWS credentials.\nDetails: lookup sts.example.com: no such host",
            "Details: lookup sts.example.com: no such host",
        ),
        (
            (
                "could not load plugin for acme provider 'urn:pulumi:a::b::pulumi:providers:acme::c':\n"
                "no plugin 'pulumi-resource-acme' found at version v1.0.0"
            ),
            "no plugin 'pulumi-resource-acme' found at version v1.0.0",
        ),
        ("error: Preview failed: the plan is empty", "the plan is empty"),
        ("error: An error occurred while advancing the preview: it is late", "it is late"),
        ("stderr: error: the stack is locked", "the stack is locked"),
        ("stderr: Preview failed: the plan is empty", "the plan is empty"),
        ("the last Update failed: it is there", "the last Update failed: it is there"),
        ("calling Post /pool with 3 nodes:\n  API error 400: bad name", "API error 400: bad name"),
        (
            "refreshing urn:pulumi:a::b::c:d/e:E::f:\nError checking it: the id is missing",
            "Error checking it: the id is missing",
        ),
        (
            "could not load the plugin\n\nUnderlying error: 403 of the host",
            "Underlying error: 403 of the host",
        ),
        (
            "\n[ERROR] COMPILATION ERROR :\n[ERROR] /a/App.java:[2,1] cannot find symbol",
            "[ERROR] /a/App.java:[2,1] cannot find symbol",
        ),
        ("panic: no name\n\tmain.go:24 +0x9c\nmain.main.func1(0xc00045a480)", "panic: no name"),
        (
            (
                "The CLI encountered a snapshot integrity error. This is a bug!\n=======\n"
                "Version:  v3\nError:    refers to a missing parent"
            ),
            "refers to a missing parent",
        ),
        (
            (
                'the API server reported that "a/b" failed to become live: Server-Side Apply field '
                'conflict detected. See https://x for help.\n: The resource managed by "m" had an '
                'apply conflict: Apply failed with 1 conflict: conflict with "kubectl": .data'
            ),
            (
                'The resource managed by "m" had an apply conflict: Apply failed with 1 conflict: '
                'conflict with "kubectl": .data'
            ),
        ),
        (
            (
                'Process exited with status 100: running "apt-get install dokcer":\n'
                "Reading package lists...\nE: Unable to locate package dokcer"
            ),
            (
                'Process exited with status 100: running "apt-get install dokcer": '
                "E: Unable to locate package dokcer"
            ),
        ),
        (
            (
                "PUT https://management.azure.com/x\n------\nRESPONSE 409: 409 Conflict\n"
                'ERROR CODE: NotRegistered\n------\n{\n  "message": "Register first."\n}'
            ),
            'ERROR CODE: NotRegistered "message": "Register first."',
        ),
        (
            "pulumi.automation.errors.ConcurrentUpdateError: \n code: 255\n stderr: error: [409] no",
            "[409] no",
        ),
        (
            (
                "Program failed with an unhandled exception:\n"
                "  + Exception Group Traceback (most recent call last):\n"
                "  | ExceptionGroup: two (1 sub-exception)\n  +-+------ 1 ------\n"
                "    | Traceback (most recent call last):\n    | KeyError: 'nightly'\n    +-----"
            ),
            "KeyError: 'nightly'",
        ),
        (
            (
                "Running program 'x' failed with an unhandled exception:\n/a/index.ts:8\n"
                "    return new TSError(x);\n    ^\nTSError: Unable to compile TypeScript:\n"
                "b.ts(4,5): error TS2345: no"
            ),
            "b.ts(4,5): error TS2345: no",
        ),
        (
            "BadRequestException: Errors found during the upload:\n\tthe role does not exist",
            "BadRequestException: Errors found during the upload: the role does not exist",
        ),
        (
            "main.go:4:2: no required module provides it; to add it:\n\tgo get shop.example/it",
            "main.go:4:2: no required module provides it; to add it:",
        ),
        (
            (
                'ERROR CODE: Busy\n{\n"code": "Busy",\n"message": "It is busy.",\n"details": [\n'
                '{\n"message": "A backup of it runs."\n}\n]\n}\n-----'
            ),
            'ERROR CODE: Busy "message": "A backup of it runs."',
        ),
        (
            (
                "2 errors occurred:\n* Job has reached its limit -- [BackoffLimitExceeded] it has\n"
                "* [Pod jobs-1]: containers with unready status: [app] -- [ImagePullBackOff] no such tag"
            ),
            "[Pod jobs-1]: containers with unready status: [app] -- [ImagePullBackOff] no such tag",
        ),
        (
            (
                "saving it: blob (code=Unknown): PUT https://a.example/state.json\n-----\n"
                "RESPONSE 403: 403 It is not allowed.\nERROR CODE: Refused"
            ),
            (
                "saving it: blob (code=Unknown): PUT https://a.example/state.json "
                "RESPONSE 403: 403 It is not allowed."
            ),
        ),
        (
            (
                "1 error occurred:\n* [WARN] A rule may be there twice. This is a side effect\n"
                "of an old fault. Error: Rule.Duplicate: it is there"
            ),
            "of an old fault. Error: Rule.Duplicate: it is there",
        ),
        ("preview unsuccessful: status failed", "preview unsuccessful: status failed"),
        (
            (
                "reading the queues: Original Error: Service returned an error.\n"
                'Status=403 Code="Refused" Message="it failed to sign"'
            ),
            (
                "reading the queues: Original Error: Service returned an error. "
                'Status=403 Code="Refused" Message="it failed to sign"'
            ),
        ),
        (
            "2 errors occurred:\n* Timeout occurred for 'web'\n* no Pod has its labels",
            "no Pod has its labels",
        ),
        (
            (
                'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n'
                "grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with:\n"
                '\tstatus = StatusCode.UNKNOWN\n\tdetails = "the cluster is away"\n'
                '\tdebug_error_string = "UNKNOWN:Error received from peer"\n>'
            ),
            "the cluster is away",
        ),
        (
            (
                "creating the Subnet:\noperation error CreateSubnet, response error StatusCode: 400,\n"
                "RequestID: 2, api error InvalidParameterValue:\nthe zone is invalid. Others\nare valid."
            ),
            (
                "creating the Subnet: operation error CreateSubnet, response error StatusCode: 400, "
                "RequestID: 2, api error InvalidParameterValue: the zone is invalid. Others"
            ),
        ),
        (
            'Adding the member (Group: "a"\nMember: "b"): unexpected status 404: it is missing\nBye.',
            'Adding the member (Group: "a" Member: "b"): unexpected status 404: it is missing',
        ),
        (
            (
                "could not validate the provider's configuration: 2 errors occurred:\n"
                "\t* Invalid or unknown key\n\t* Invalid or unknown key"
            ),
            "could not validate the provider's configuration: 2 errors occurred: Invalid or unknown key",
        ),
        (
            "updating urn:pulumi:a::b::c:d/e:E::f: 1 error occurred:\n* it is busy",
            "it is busy",
        ),
        ("update failed\nPost job cleanup.", "update failed"),
        ("update failed\npanic: runtime error: nil", "panic: runtime error: nil"),
        ("", ""),
        (
            'oauth2: cannot fetch token: 400 Bad Request\nResponse: {"error": "no_grant"}',
            'oauth2: cannot fetch token: 400 Bad Request Response: {"error": "no_grant"}',
        ),
        (  # an answer that a terminal has broken wherever it liked
            (
                "Client#Create: Failure responding to request:\n  StatusCode=403\n"
                "  -- Original Error: acme: Service returned an error.\n"
                '  Status=403 Code="NoRight"\n    Message="The client has no right\n    to it."'
            ),
            'Status=403 Code="NoRight"',
        ),
        (  # what an answer in XML or HTML says
            (
                'error creating bucket: <?xml version="1.0"?>\n<Error>\n  <Code>BadName</Code>\n'
                "  <Message>The name is not valid.</Message>\n</Error>"
            ),
            "error creating bucket: The name is not valid.",
        ),
        (
            "unknown format of an answer: <html>\n<head><title>502 Bad Gateway</title></head>",
            "unknown format of an answer: 502 Bad Gateway",
        ),
        (
            (
                "1 error occurred:\n\t* failed to make http request\n"
                'POST "https://acme.test/v1": 400 Bad Request {"message":"the record is there"}'
            ),
            'POST "https://acme.test/v1": 400 Bad Request {"message":"the record is there"}',
        ),
        (  # a list of what a statement is about says less than it
            (
                "the API server reported that 2 fields are in conflict:\n"
                'Apply failed with 2 conflicts: conflicts with "other" using apps/v1:\n'
                "- .spec.replicas\n- .spec.paused\n"
            ),
            (
                "the API server reported that 2 fields are in conflict: "
                'Apply failed with 2 conflicts: conflicts with "other" using apps/v1:'
            ),
        ),
        (
            "1 error occurred:\n\t* writing it: Error making API request.\n\nURL: PUT https://v.example/v1/kv\nCode: 503. Errors:\n\n* It is sealed",
            "writing it: Error making API request. It is sealed",
        ),
        (
            'resource "urn:pulumi:dev::shop::a:b:C::web" cannot be deleted\nbecause it is protected.',
            'resource "urn:pulumi:dev::shop::a:b:C::web" cannot be deleted because it is protected.',
        ),
        (
            "blob: HEAD https://a.example/site.zip\n-----\nRESPONSE 403: 403 It is not allowed.",
            "blob: HEAD https://a.example/site.zip RESPONSE 403: 403 It is not allowed.",
        ),
        ("1 error occurred:\n* hooks failed: 1 error occurred:\n* timed out waiting for it", "hooks failed: 1 error occurred: timed out waiting for it"),
    ],
)  # fmt: skip
def test_headline(message: str, headline: str) -> None:
    assert headline_of(message) == headline


@pytest.mark.parametrize(
    ("message", "standing"),
    [
        ("update failed", Standing.FOLLOWS),
        ("preview failed", Standing.FOLLOWS),
        ("preview unsuccessful: status failed", Standing.FOLLOWS),
        ("Exception: resource monitor shut down", Standing.FOLLOWS),
        ("expected non-nil error with nil state during Create of urn:pulumi:a", Standing.WRAPS),
        ("BAIL: resource registration shut down", Standing.FOLLOWS),
        ("Resource monitor has terminated, shutting down", Standing.FOLLOWS),
        ("", Standing.FOLLOWS),
        ("an unhandled error occurred: Program exited with non-zero exit code: 1", Standing.WRAPS),
        ("rpc error: code = Canceled desc = context canceled", Standing.WRAPS),
        ("1 error occurred:", Standing.WRAPS),
        ("connection closed", Standing.WRAPS),
        ("Program failed with an unhandled exception:\nNoneType: None", Standing.WRAPS),
        ("api error AccessDenied: update failed for the queue", Standing.CAUSE),
    ],
)
def test_standing(message: str, standing: Standing) -> None:
    assert standing_of(message) is standing


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ("x: NoSuchBucket: gone\n\tstatus code: 404, request id: 1", 404, "NoSuchBucket"),
        (
            "https response error StatusCode: 409, RequestID: a, HostID: b, BucketAlreadyExists: ",
            409,
            "BucketAlreadyExists",
        ),
        (
            "StatusCode: 400, RequestID: a, api error InvalidAMIID.NotFound: x",
            400,
            "InvalidAMIID.NotFound",
        ),
        ('autorest/azure: StatusCode=409 Code="Conflict" Message="busy"', 409, "Conflict"),
        ("googleapi: Error 403: quota, rateLimitExceeded", 403, "rateLimitExceeded"),
        ('Status=400 Message="{"Code":"BadRequest"}"', 400, "BadRequest"),
        ("googleapi: Error 409: it is there,\nconflict", 409, "conflict"),
        ("googleapi: Error 400: name, size and zone are bad, invalid", 400, "invalid"),
        ("googleapi: Error 409: it is taken, conflict: provider=gcp@9.1.0", 409, "conflict"),
        ("[CrashLoopBackOff] after 3 tries", None, "CrashLoopBackOff"),
        ("1 Pod waits because: [Unschedulable] no node is free", None, "Unschedulable"),
        ("could not open the bucket (code=NotFound): no", None, "NotFound"),
        ("creating view V: 090106 (22000): no database is open", None, "090106"),
        ("creating role web: it is there (SQLSTATE 42710)", None, "42710"),
        ("failed to register it: 8 RESOURCE_EXHAUSTED: too much", None, "RESOURCE_EXHAUSTED"),
        ("failed to register it: 2 UNKNOWN: no", None, ""),
        ("the directory said Authorization_RequestDenied", None, ""),
        ("403: Authorization_RequestDenied: ask an owner", None, "Authorization_RequestDenied"),
        (
            "googleapi: Error 400: no.\nMore details:\nReason: immutableField, Message: no",
            400,
            "immutableField",
        ),
        ("code = Unknown desc = InvalidToken: no\n\tstatus code: 403, id: 1", 403, "InvalidToken"),
        ("the type of the server is deprecated (invalid_input)", None, "invalid_input"),
        ("InvalidKeyPair.Format: it is no key", None, "InvalidKeyPair.Format"),
        ("failed to make the rule: HTTP status 400: See messages. (1004)", 400, "1004"),
        ("the server said ErrorCode=AuthorizationFailure", None, "AuthorizationFailure"),
        ("[409] Conflict: Another update is currently in progress.", 409, ""),
        ("unexpected reply: 503 Service Unavailable", 503, ""),
        ("index.ts(9,7): error TS2322: no", None, "TS2322"),
        ('Process exited with status 127: running "x"', None, "127"),
        ("creating bucket my-404-page took 403 seconds", None, ""),
        ("dial tcp: connect: ECONNREFUSED", None, "ECONNREFUSED"),
        ("error: 503 SlowDown: fewer requests, please", 503, "SlowDown"),
        ('GET https://acme.test/v1/groups/<id>: 401 (request "") no', 401, ""),
        (
            'accessing [POST https://acme.test], but got 409 instead: {"type": "AlreadyHeld"}',
            409,
            "AlreadyHeld",
        ),
        ("error creating bucket: <Error>\n  <Code>BadName</Code>", None, "BadName"),
        ("the server's type is old (invalid_input, 9a)", None, "invalid_input"),
    ],
)
def test_codes(message: str, status: int | None, code: str) -> None:
    assert (find_status_code(message), find_error_code(message)) == (status, code)


@pytest.mark.parametrize(
    ("message", "file", "line"),
    [
        (
            (
                "TypeError: x\n    at Object.<anonymous> (/w/index.ts:14:22)\n"
                "    at Module._compile (node:internal/modules/cjs/loader:1105:14)"
            ),
            "/w/index.ts",
            14,
        ),
        (
            "TypeError: x\n    at f (/w/node_modules/a/b.js:1:1)\n    at /w/src/shop.ts:3:1",
            "/w/src/shop.ts",
            3,
        ),
        ("index.ts(9,7): error TS2322: no", "index.ts", 9),
        (
            (
                'File "/w/__main__.py", line 9, in <module>\n'
                '  File "/w/venv/lib/python3.13/site-packages/pulumi/x.py", line 5, in f\nValueError: a'
            ),
            "/w/__main__.py",
            9,
        ),
        (
            (
                'File "/w/__main__.py", line 2, in <module>\n'
                '  File "/w/venv/lib/python3.13/site-packages/y/z.py", line 7\nImportError: a'
            ),
            "/w/__main__.py",
            2,
        ),
        (
            (
                'File "<frozen runpy>", line 198, in _run_module\n'
                '  File "/w/venv/lib/python3.13/site-packages/y/z.py", line 7\nImportError: a'
            ),
            "/w/venv/lib/python3.13/site-packages/y/z.py",
            7,
        ),
        (
            "TypeError: no\n    at site (/w/.sst/platform/site.ts:8:1)\n    at run (/w/sst.config.ts:4:2)",
            "/w/sst.config.ts",
            4,
        ),
        (
            "Error: no\n    at require (internal/module.js:20:19)\n    at /w/shop.ts:6:2",
            "/w/shop.ts",
            6,
        ),
        ("panic: x\n\ngoroutine 1:\nmain.main()\n\t/w/main.go:17 +0x1d", "/w/main.go", 17),
        (
            (
                "goroutine 1:\nsync.(*Cond).Wait(0xc0)\n\t/opt/hostedtoolcache/go/1.22.2/x64/src/sync/cond.go:70"
                " +0x2\nmain.main()\n\t/w/main.go:9 +0x1d"
            ),
            "/w/main.go",
            9,
        ),
        ("./stack.go:5:2: undefined: x", "stack.go", 5),
        ("   at Shop.Run() in /w/Shop.cs:line 23", "/w/Shop.cs", 23),
        ("/w/Program.cs(12,13): error CS1002: ; expected", "/w/Program.cs", 12),
        (
            "\tat com.pulumi.Pulumi.run(Pulumi.java:5)\n\tat shop.App.run(App.java:27)",
            "App.java",
            27,
        ),
        ("[ERROR] /w/src/App.java:[29,13] cannot find symbol", "/w/src/App.java", 29),
        ("Error: no such property\n  on Pulumi.yaml line 7:", "Pulumi.yaml", 7),
    ],
)
def test_location_is_the_users_own(message: str, file: str, line: int) -> None:
    place = find_location(message)
    assert place is not None
    assert (place.file, place.line) == (file, line)


@pytest.mark.parametrize(
    "message",
    [
        "sdk-v2/provider2.go:572: sdk.helper_schema: x",
        "no place at all",
        "https://a.example/x.js",
        "the container did not start: runtime_linux.go:345: no such command",
    ],
)
def test_no_location_is_made_up(message: str) -> None:
    assert find_location(message) is None


ANSWER = """\
polling failed:
Message: "At least one operation failed."
{
  "error": {
    "code": "DeploymentFailed",
    "message": "At least one operation failed. Please see details.",
    "details": [
      {"code": "Skipped", "message": "It was not tried."},
      {"code": "Skipped", "message": "It was not tried."},
      {"code": "Inner", "message": "See within.", "details": [
        {"code": "QuotaExceeded", "target": null, "message": "The \\"small\\" quota of 10 would be exceeded."}
      ]}
    ]
  }
}"""


@pytest.mark.parametrize("answer", [ANSWER, " ".join(ANSWER.split())])
def test_the_innermost_detail_of_an_answer_states_the_cause(answer: str) -> None:
    assert headline_of(answer) == 'The "small" quota of 10 would be exceeded.'
    assert find_error_code(answer, headline_of(answer)) == "QuotaExceeded"


def test_an_answer_within_a_string_of_json_states_the_cause_too() -> None:
    inner = '{"details":[{"code":"RequestRefused","message":"The region is not allowed."}]}'
    answer = f'Status=403 Message="{inner}"'.replace('"', '\\"')
    assert headline_of(answer) == "The region is not allowed."
    assert find_error_code(answer) == "RequestRefused"


def test_an_answer_that_is_cut_says_what_its_own_line_says() -> None:
    cut = ANSWER[: ANSWER.index('"Skipped"')]
    assert headline_of(cut).startswith("polling failed: ")
