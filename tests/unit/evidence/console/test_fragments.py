"""Parts of logs: what no display of the engine frames is an error by its form, or it is none."""

from __future__ import annotations

import pytest

from upshot.evidence import diagnose, facts_from_console
from upshot.evidence.console.fragments import find_error, find_failed_command
from upshot.model import Facts, Outcome, SourceLocation


def read(*lines: str) -> Facts:
    return facts_from_console(["\n".join(lines).encode()])


MESSAGES = {
    "an item of a list": (
        '* the Kubernetes API server reported that "shop/web" failed to fully initialize or become '
        'live: Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas'
    ),
    "an error that tells what was done": (
        "Error waiting for subscription (orders) to become ready: couldn't find resource"
    ),
    "a code in quotation marks": (
        'operation UPDATE failed with "NotStabilized": Resource of type X did not stabilize.'
    ),
    "the engine's own sentence": "Duplicate resource URN 'urn:pulumi:dev::shop::aws:s3/bucket:Bucket::a'",
    "an invalid object": 'CronJob.batch "nightly" is invalid: spec.schedule: Invalid value: "daily"',
    "a crash": "panic: runtime error: index out of range [2] with length 2",
    "a compiler": "MSBUILD : error MSB1009: Project file does not exist.",
    "the shell": '/run.sh: line 114:    36 Segmentation fault      pulumi stack select "$STACK"',
    "a property": "acme:index:Thing resource 'it' has a problem: Required attribute is not set",
    "memory": "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "a known sentence": "AccessDenied: the role ci is not authorized to perform: sqs:CreateQueue",
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_message_alone_is_a_failure_with_its_cause(message: str) -> None:
    facts = read(message)
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause is not None
    assert facts.root_cause.headline in message


@pytest.mark.parametrize(
    "line",
    [
        "warning: prefix is deprecated: use filter instead, an error later",
        "info: could not read the cache, so it is made anew",
        "Installing dependencies: 12 packages, 0 errors",
        'The launch profile "(Default)" could not be applied.',
        "Calling [ToString] on an [Output<T>] is not supported.",
        "the tests failed twice and passed then",
        '  ~ image: "debian-11" => "debian-12"',
    ],
)
def test_other_words_say_nothing_of_how_a_run_ended(line: str) -> None:
    assert read(line).outcome is Outcome.UNKNOWN


def test_inside_the_display_a_program_may_print_what_reads_like_an_error() -> None:
    lines = ["Error updating the cache: it will be made anew", "all is well"]
    assert find_error(lines, is_displayed=False)
    assert not find_error(lines, is_displayed=True)


def test_an_exception_with_its_stack_is_certain_inside_the_display_too() -> None:
    lines = ["Error: choose one of the two", "    at new Queue (/app/queue.ts:9:11)"]
    assert find_error(lines, is_displayed=True) == "\n".join(lines)


def test_a_program_that_does_not_compile_fails_though_no_row_says_so() -> None:
    facts = read(
        "Previewing update (dev)",
        "",
        "     Type                 Name      Plan     Info",
        "     pulumi:pulumi:Stack  shop-dev           9 messages",
        "",
        "Diagnostics:",
        "  pulumi:pulumi:Stack (shop-dev):",
        "    /src/app/Shop.java:12: error: ';' expected",
        "    queue.name()",
        "    1 error",
    )
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause
    assert facts.root_cause.location
    assert (facts.root_cause.location.file, facts.root_cause.location.line) == (
        "/src/app/Shop.java",
        12,
    )
    assert diagnose(facts).failure_class == "program-build"


def test_messages_of_a_program_that_makes_nothing_are_no_success() -> None:
    """The end of a compiler's output may be cut off: only the engine's counts tell."""
    preview = ("Previewing update (dev)", "", "     Type                 Name      Plan     Info")
    stack = "     pulumi:pulumi:Stack  shop-dev           2 messages"
    said = ("Diagnostics:", "  pulumi:pulumi:Stack (shop-dev):", "    Restoring packages")
    assert read(*preview, stack, "", *said).outcome is Outcome.UNKNOWN
    whole = read(*preview, stack, "", *said, "", "Resources:", "    1 unchanged")
    assert whole.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("line", "is_failed"),
    [
        ("CommandError: code: 255", True),
        ("Invoke '/opt/pulumi/bin/pulumi preview' failed: exit status 255", True),
        ("Process 'pulumi' exited with code 1.", True),
        ("Command failed with ENOENT: pulumi version --non-interactive", True),
        ("make: the linter ended with exit status 2", False),
        ("pulumi up ended with exit code: 0", False),
    ],
)
def test_a_wrapper_says_that_the_command_failed(line: str, *, is_failed: bool) -> None:
    assert bool(find_failed_command([line])) is is_failed


def test_a_preview_that_was_not_confirmed_was_cancelled() -> None:
    table = (
        "Previewing update (dev):",
        "     Type                 Name      Plan",
        "     pulumi:pulumi:Stack  shop-dev",
        "",
        "Resources:",
        "    3 unchanged",
        "",
        "Do you want to perform this update? no",
    )
    declined = "confirmation declined, not proceeding with the update"
    facts = read(*table, declined)
    assert facts.outcome is Outcome.CANCELLED
    assert facts.root_cause is None or facts.root_cause.headline == declined


def test_a_failed_preview_stays_failed_when_nobody_confirms_it() -> None:
    facts = read(
        "Previewing update (dev):",
        "Diagnostics:",
        "  aws:sqs:Queue (jobs):",
        "    error: creating SQS Queue (jobs): api error QueueNameExists: taken",
        "confirmation declined, not proceeding with the update",
    )
    assert facts.outcome is Outcome.FAILED


def test_a_panic_is_the_providers_where_a_resource_lost_its_provider() -> None:
    facts = read(
        "Diagnostics:",
        "  acme:index:Thing (it):",
        "    error: error reading from server: EOF",
        "  pulumi:pulumi:Stack (shop-dev):",
        "    panic: runtime error: invalid memory address or nil pointer dereference",
        "    [signal SIGSEGV: segmentation violation]",
        "    error: update failed",
    )
    assert diagnose(facts).failure_class == "provider-crash"


def test_the_output_of_the_command_beats_the_wrappers_own_stack() -> None:
    facts = read(
        "Traceback (most recent call last):",
        '  File "/app/deploy.py", line 3, in <module>',
        "    stack.up(on_output=print)",
        "acme.automation.ConcurrentUpdateError:",
        " code: 255",
        " stdout: Updating (dev)",
        "",
        " stderr: error: [409] Conflict: Another update is currently in progress.",
    )
    assert facts.root_cause
    assert "Another update" in facts.root_cause.headline
    assert diagnose(facts).failure_class == "state-locked"


def test_old_versions_put_info_before_what_a_program_printed() -> None:
    facts = read(
        "Previewing changes:",
        "info: /app/index.ts:7",
        "info: Error: the cluster has no name",
        "info:     at Service (/app/index.ts:7:13)",
        "info:     at Module._compile (module.js:570:32)",
        "error: an unhandled error occurred: Program exited with non-zero exit code: 1",
    )
    assert facts.root_cause
    assert "the cluster has no name" in facts.root_cause.headline
    assert facts.root_cause.location
    assert facts.root_cause.location.file == "/app/index.ts"


def test_a_name_ends_before_what_its_resource_printed() -> None:
    facts = read("Updating (dev):", "    pulumi:pulumi:Stack shop-dev  fatal error: all is asleep")
    assert [f.name for f in facts.failures if f.type] == ["shop-dev"]


def test_a_heading_that_lost_its_first_spaces_hides_no_other_one() -> None:
    facts = read(
        "pulumi:pulumi:Stack (shop-dev):",
        "    a line of the program",
        "    error: update failed",
        "",
        "  aws:sqs:Queue (jobs):",
        "    error: creating SQS Queue (jobs): api error QueueNameExists: taken",
    )
    assert ("aws:sqs:Queue", "jobs") in [(f.type, f.name) for f in facts.failed_resources]


def test_the_resource_of_the_first_line_is_kept_where_a_later_line_states_the_cause() -> None:
    facts = read(
        "error: acme:index:Module resource 'net' has a problem: running the plan: exit status 1",
        "    ",
        "    Error: the account 12 has no network",
    )
    assert [(f.type, f.name) for f in facts.failed_resources] == [("acme:index:Module", "net")]
    assert facts.root_cause
    assert facts.root_cause.headline == "the account 12 has no network"


def test_a_plan_of_which_only_the_end_is_there_went_well_by_its_steps_and_counts() -> None:
    steps = (
        "    ~ aws:ecs/service:Service: (update)",
        "        [urn=urn:pulumi:prod::net::aws:ecs/service:Service::api]",
        '      ~ image: "a" => "b"',
    )
    counts = ("Resources:", "    ~ 1 to update", "    59 unchanged")
    assert read(*steps, *counts).outcome is Outcome.SUCCEEDED
    assert read(*counts).outcome is Outcome.UNKNOWN


def test_an_old_version_said_that_no_changes_were_required() -> None:
    facts = read(
        "Refreshing stack 'shop'",
        "Performing changes:",
        "",
        "     Type                 Name      Status     Info",
        "     pulumi:pulumi:Stack  shop-dev",
        "",
        "info: no changes required:",
        "      12 resources unchanged",
        "Update duration: 2.5s",
    )
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.counts == {"same": 12}


def test_output_of_a_run_whose_end_names_no_error_proves_no_failure() -> None:
    printed = ("Traceback (most recent call last):", '  File "a.py", line 3, in f', "KeyError: 'x'")
    end = ("Resources:", "    + 3 created", "", "Duration: 4s")
    assert read(*printed, *end).outcome is Outcome.UNKNOWN
    assert read(*printed).outcome is Outcome.FAILED


def test_a_wrapper_may_say_that_the_command_failed_before_it_quotes_the_output() -> None:
    facts = read(
        "Unhandled exception. Acme.Automation.CommandException: code: 137",
        "stdout: Updating (dev)",
        " +  aws:sqs:Queue jobs creating (0s)",
    )
    assert facts.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("message", "type_", "name"),
    [
        (
            'Deployment.apps "web" is invalid: spec.selector: field is immutable',
            "kubernetes:apps:Deployment",
            "web",
        ),
        ('pods "web-1" is forbidden: User "ci" cannot create it', "kubernetes:core:Pod", "web-1"),
        (
            'ingresses.networking.k8s.io "www" already exists',
            "kubernetes:networking.k8s.io:Ingress",
            "www",
        ),
    ],
)
def test_a_kubernetes_object_is_named_by_its_kind_and_group(
    message: str, type_: str, name: str
) -> None:
    assert [(f.type, f.name) for f in read(f"error: {message}").failed_resources] == [(type_, name)]


@pytest.mark.parametrize(
    "message",
    [
        'secrets "token" not found',  # what is missing did not fail
        'widgets.acme.io "blue" is forbidden: no',  # the kind of this plural is not known
        'resource "web" already exists',
    ],
)
def test_other_words_before_a_quoted_name_are_no_kind(message: str) -> None:
    assert read(f"error: {message}").failed_resources == ()


def test_an_object_is_not_named_beside_the_resource_that_a_heading_names() -> None:
    facts = read(
        "Diagnostics:",
        "  kubernetes:apps/v1:Deployment (shop/web):",
        '    error: Deployment.apps "web" is invalid: spec.selector: field is immutable',
    )
    assert [(f.type, f.name) for f in facts.failed_resources] == [
        ("kubernetes:apps/v1:Deployment", "shop/web")
    ]


def test_a_row_that_was_broken_in_its_error_is_joined() -> None:
    facts = read(
        "Updating (dev):",
        " +  aws:ec2:Subnet a creating (1s) error: creating EC2 Subnet: operation error EC2: ",
        "CreateSubnet, https response error StatusCode: 400, RequestID: d, api error InvalidSubnet.Range: no",
        "@ updating....",
        " +  pulumi:pulumi:Stack shop-dev **creating failed** 1 error",
    )
    assert facts.root_cause
    assert (facts.root_cause.status_code, facts.root_cause.error_code) == (
        400,
        "InvalidSubnet.Range",
    )


def test_what_follows_a_whole_row_is_not_joined() -> None:
    facts = read(
        "Updating (dev):",
        " +  aws:ec2:Subnet a creating (1s) error: 1 error occurred:",
        "@ updating....",
        "an unrelated line",
        "Resources:",
        "    1 errored",
    )
    assert all("unrelated" not in failure.message for failure in facts.failures)


LOG = "I0926 17:09:42.875163  133856"


def test_the_debugging_log_of_the_cli_is_read_for_what_it_repeats_of_the_run() -> None:
    facts = read(
        f"{LOG} api.go:292] error fetching the latest version: Forbidden",
        f"{LOG} log.go:71] eventSink::Infoerr(<{{%reset%}}>./main.go:12:3: undefined: network",
        "<{%reset%}>)",
        f"{LOG} host.go:412] Error closing a plugin; ignoring: 1 error occurred:",
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "./main.go:12:3: undefined: network"
    assert len(facts.failures) == 1


def test_a_step_that_failed_is_read_from_the_debugging_log() -> None:
    line = f"{LOG} step_executor.go:326] worker(4): step create on urn failed with an error: api error Busy: no"
    facts = read(line, f"{LOG} deployment_executor.go:251] context finished")
    assert facts.root_cause
    assert facts.root_cause.headline == "api error Busy: no"


def test_debugging_lines_alone_say_nothing_of_how_a_run_ended() -> None:
    lines = (f"{LOG} api.go:1] error fetching it: Forbidden", f"{LOG} host.go:4] Error closing it")
    assert read(*lines).outcome is Outcome.UNKNOWN


def test_the_error_of_a_preview_may_stand_in_its_table() -> None:
    facts = read(
        "Previewing update (dev)",
        "     Type                 Name      Plan       Info",
        " +   pulumi:pulumi:Stack  shop-dev  create",
        "     └─ aws:iam:Role      ci                   error: unable to validate AWS credentials.",
    )
    assert facts.outcome is Outcome.FAILED
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:iam:Role", "ci")]


def test_of_two_errors_of_a_resource_the_one_that_states_something_is_the_cause() -> None:
    facts = read(
        "Diagnostics:",
        "  eks:index:VpcCni (cni):",
        "    error: Command failed: kubectl apply -f /tmp/x.tmp",
        "    error: no matches for kind Thing in version acme/v1",
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "no matches for kind Thing in version acme/v1"


def test_an_error_in_the_log_of_a_tool_is_kept() -> None:
    facts = read(
        "Diagnostics:",
        "  command:local:Command (apply):",
        "    error: exit status 1: running kubectl apply:",
        "    E0926 17:09:42.875163    1338 memcache.go:265] couldn't get the API group list: refused",
    )
    assert facts.root_cause
    assert "couldn't get the API group list" in facts.root_cause.message


def test_of_two_errors_of_a_resource_the_one_with_the_reason_of_a_pod_is_the_cause() -> None:
    facts = read(
        """\
Diagnostics:
  kubernetes:batch/v1:Job (nightly):
    error: the Job has reached its limit -- [BackoffLimitExceeded]
    error: [Pod nightly-1]: containers with unready status: [app] -- [OOMKilled] it took 2 GiB
"""
    )
    assert facts.root_cause
    assert facts.root_cause.error_code == "OOMKilled"


def test_a_message_goes_on_after_a_colon_wherever_the_next_line_begins() -> None:
    facts = read(
        """\
Diagnostics:
  kubernetes:core/v1:Service (web):
    error: resource shop/web was not successfully created by the Kubernetes API server :
Post "https://k8s.example/api/v1/services":
dial tcp 192.0.2.7:443: i/o timeout
"""
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "dial tcp 192.0.2.7:443: i/o timeout"


def test_the_margin_of_a_framework_is_taken_off() -> None:
    facts = read(
        """\
~  Deploying

|  Error       Jobs acme:aws:Queue → JobsQueue aws:sqs:Queue
|  creating SQS Queue (jobs): api error QueueNameExists: a queue has this name
"""
    )
    failed = [(failure.type, failure.name) for failure in facts.failed_resources]
    assert failed == [("aws:sqs:Queue", "JobsQueue")]
    assert facts.root_cause
    assert facts.root_cause.headline.startswith("creating SQS Queue (jobs): ")


@pytest.mark.parametrize(
    "head",
    ["✕  Failed\n   JobsQueue aws:sqs:Queue", "Failed\n   JobsQueue aws:sqs:Queue", "Error: Jobs acme:aws:Queue → JobsQueue aws:sqs:Queue"],
)  # fmt: skip
def test_a_framework_names_what_failed(head: str) -> None:
    facts = read(f"{head}\n   creating SQS Queue (jobs): api error QueueNameExists: no\n")
    failed = [(failure.type, failure.name) for failure in facts.failed_resources]
    assert failed == [("aws:sqs:Queue", "JobsQueue")]


@pytest.mark.parametrize(
    "record",
    [
        '{"level":"error","ts":1.5,"msg":"Reconciler error","error":"cannot clone: \\"main\\" is away"}',
        '{\n  "level": "error",\n  "msg": "Reconciler error",\n  "error": "cannot clone: \\"main\\" is away",\n  "errorVerbose": "cut',
    ],
)  # fmt: skip
def test_a_record_of_level_error_says_what_failed(record: str) -> None:
    facts = read(f"{record}\n")
    assert facts.outcome is Outcome.FAILED
    assert [failure.headline for failure in facts.failures] == ['cannot clone: "main" is away']


def test_a_record_of_another_level_says_no_more_than_its_words() -> None:
    assert not read('{"level":"info","msg":"again","error":"cannot clone it"}\n').failures


def test_a_name_before_a_type_is_no_failure_by_itself() -> None:
    assert not read("   JobsQueue aws:sqs:Queue\n   creating it\n").failures


@pytest.mark.parametrize(
    "line",
    ["15:04:46 [WARN] The folder does not exist.", "[warning] the folder does not exist", "2026-01-02T03:04:05Z WARN the folder does not exist"],
)  # fmt: skip
def test_a_warning_of_a_logger_is_no_error(line: str) -> None:
    assert not read(f"{line}\n").failures


@pytest.mark.parametrize(
    "line",
    [
        "Plan apply failed: deleting the Role: DeleteConflict: it has policies",
        "An error occurred while advancing the preview: the region is missing",
        "400 Bad Request: the monitor has no query",
        "Detected that /home/ci/.pulumi/plugins/resource-acme-v1/pulumi-resource-acme exited prematurely.",
        "invocation of acme:index:find returned an error: the region is missing",
        "resource default/web was not successfully created by the Kubernetes API server : no quota",
        "unhandled rejection: CONTEXT(7): resource:web[acme:index:Site]",
        "Sorry, could not create stack 'dev': the key has no scheme",
    ],
)
def test_the_words_of_the_engine_and_of_an_api_need_no_severity(line: str) -> None:
    facts = read(line)
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause


def test_an_error_on_the_quoted_error_stream_fails_a_run_that_ended_well_on_the_other() -> None:
    facts = read(
        """\
CommandError:
 code: 255
 stdout: Previewing update (dev):
+ pulumi:pulumi:Stack: (create)
[urn=urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev]
Resources:
+ 1 to create
 stderr: error: the program could not be loaded
"""
    )
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause
    assert facts.root_cause.headline == "the program could not be loaded"


def test_a_row_that_was_broken_before_its_error_is_joined() -> None:
    facts = read(
        """\
aws:waf:Rule limits updating (2s) [diff: ~rules];
  error: updating the rule "limits":
  its action is not authorized (20120)
"""
    )
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:waf:Rule", "limits")]
    assert facts.root_cause
    assert facts.root_cause.headline.endswith("its action is not authorized (20120)")


def test_a_row_may_end_with_the_severity_of_its_error() -> None:
    facts = read("aws:sqs:Queue jobs creating (2s) error:", "the queue is taken")
    assert facts.root_cause
    assert (facts.root_cause.name, facts.root_cause.headline) == ("jobs", "the queue is taken")


def test_old_versions_counted_the_errors_of_a_row_before_its_message() -> None:
    facts = read(" -  aws:iam:Role ci deleting 1 error. error: Plan apply failed: it has policies")
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("ci", "delete")]


def test_the_resource_that_a_program_could_not_register_has_failed_and_not_the_stack() -> None:
    facts = read(
        """\
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: Error: failed to register new resource jobs [aws:sqs/queue:Queue]: 8 RESOURCE_EXHAUSTED: no
    error: Error: failed to register new resource logs [aws:s3/bucket:Bucket]: 8 RESOURCE_EXHAUSTED: no
    error: Error: failed to register new resource late [aws:s3/bucket:Bucket]: Resource monitor is terminating
"""
    )
    failed = [(failure.type, failure.name) for failure in facts.failed_resources]
    assert failed == [("aws:sqs/queue:Queue", "jobs"), ("aws:s3/bucket:Bucket", "logs")]


def test_a_framework_names_the_resource_after_its_word_for_error() -> None:
    facts = read(
        "|  Error       default_6 pulumi:providers:acme",
        "|  no resource plugin 'pulumi-resource-acme' found",
    )
    assert [failure.name for failure in facts.failed_resources] == ["default_6"]


@pytest.mark.parametrize(
    "line",
    [
        "Calling __str__ on an Output[T] is not supported.",
        "  - warning: inputs to import do not match the existing resource",
        "task 7a warning: Attempting to update resources with 1 pending operations",
        "    pulumi:pulumi:Stack shop-dev  warning: Attempting to update resources with 1 pending operations",
    ],
)
def test_a_warning_alone_is_read_and_says_nothing_of_how_the_run_ended(line: str) -> None:
    facts = read(line)
    assert facts.outcome is Outcome.UNKNOWN
    assert [warning.message in line for warning in facts.warnings] == [True]


def test_an_assertion_of_a_provider_is_no_cause_where_another_resource_states_one() -> None:
    facts = read(
        """\
Diagnostics:
  gcp:storage:BucketIAMMember (public):
    error: expected non-nil error with nil state during Create of urn:pulumi:dev::shop::a:b:C::public
  gcp:storage:BucketObject (index):
    error: googleapi: Error 403: ci may not read it, forbidden
"""
    )
    assert facts.root_cause
    assert facts.root_cause.name == "index"


def test_a_resource_is_named_by_its_urn_in_quotation_marks() -> None:
    facts = read(
        '    error: resource "urn:pulumi:dev::shop::kubernetes:batch/v1:Job::seed" was not created:'
        " field conflict detected.",
        "    The resource had an apply conflict: Apply failed with 1 conflict: .spec",
    )
    failed = [(failure.type, failure.name) for failure in facts.failed_resources]
    assert failed == [("kubernetes:batch/v1:Job", "seed")]


@pytest.mark.parametrize(
    "urn",
    [
        "urn:pulumi:...$aws:sqs/queue:Queue::jobs",
        "urn:...:aws:sqs/queue:Queue::jobs",
        "urn:pulumi:…::aws:sqs/queue:Queue::jobs",
    ],
)
def test_a_resource_is_named_by_a_urn_that_a_person_has_shortened(urn: str) -> None:
    """It is no URN to paste into a command."""
    facts = read(f"error: resource {urn} violates plan: properties changed: ~~delay[{{1}}!={{2}}]")
    assert [(f.type, f.name, f.urn) for f in facts.failed_resources] == [
        ("aws:sqs/queue:Queue", "jobs", "")
    ]


def test_a_message_that_names_its_step_is_not_about_the_state() -> None:
    facts = read(
        "error: deleting urn:pulumi:dev::shop::aws:rds/instance:Instance::db: a final snapshot is due"
    )
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("db", "delete")]


def test_a_whole_date_in_brackets_is_a_time() -> None:
    facts = read(
        "[2025-01-17 03:01:35]  ~  aws:sqs:Queue jobs refreshing (0s) error: no such queue"
    )
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("jobs", "refresh")]


def test_the_place_of_a_panic_is_in_its_stack_which_the_display_prints_line_by_line() -> None:
    facts = read(
        "Updating (dev):",
        "    pulumi:pulumi:Stack shop-dev  fatal error: concurrent map writes",
        "    pulumi:pulumi:Stack shop-dev  goroutine 1 [running]:",
        "    pulumi:pulumi:Stack shop-dev  main.main()",
        "    pulumi:pulumi:Stack shop-dev  \t/w/main.go:70 +0x25",
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "concurrent map writes"
    assert facts.root_cause.location == SourceLocation("/w/main.go", 70)


def test_the_exception_of_a_thread_is_an_exception() -> None:
    facts = read(
        'Exception in thread "main" java.lang.IllegalArgumentException: there is no engine',
        "\tat com.pulumi.Pulumi.run(Pulumi.java:29)",
        "\tat shop.App.main(App.java:24)",
    )
    assert facts.root_cause
    assert facts.root_cause.location == SourceLocation("App.java", 24)


def test_the_resource_is_named_by_the_error_that_the_program_prints_after_the_cause() -> None:
    facts = read(
        "error: Error: the network needs a private part",
        "        at check (/app/network.js:3:1)",
        "    error: the program failed with an unhandled exception:",
        "    Error: failed to register new resource net [acme:net:Network]: 2 UNKNOWN: it needs one",
    )
    assert [(f.type, f.name) for f in facts.failed_resources] == [("acme:net:Network", "net")]


def test_the_debugging_log_says_that_a_run_was_cancelled() -> None:
    facts = read(
        f"{LOG} step_executor.go:3] worker exiting due to cancellation",
        f"{LOG} log.go:80] eventSink::Error(<{{%reset%}}>update canceled<{{%reset%}}>)",
        f"{LOG} source.go:1] the iterator ended with an error: error reading from server: read tcp",
    )
    assert facts.outcome is Outcome.CANCELLED


def test_a_step_with_its_urn_is_an_error_and_names_the_resource() -> None:
    facts = read("creating urn:pulumi:dev::shop::aws:sqs/queue:Queue::jobs: it took too long")
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("jobs", "create")]


def test_comments_may_stand_within_code() -> None:
    facts = read("\t\t//\terror: the region is missing", "\t\t//\tfrom the configuration")
    assert facts.root_cause
    assert facts.root_cause.headline == "the region is missing"


def test_the_resource_of_an_assertion_has_failed_and_not_the_stack() -> None:
    facts = read(
        """\
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: update failed

    panic: fatal: An assertion has failed: no replacement during Update of urn:pulumi:dev::shop::aws:msk/cluster:Cluster::log
    goroutine 9 [running]:
"""
    )
    assert [failure.name for failure in facts.failed_resources] == ["log"]


def test_what_waited_for_another_resource_has_not_failed() -> None:
    facts = read(
        """\
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: acme:shop:Project resource 'all' has a problem: awaiting "id": rpc error: code = Canceled desc = context canceled
    error: update failed
  acme:shop:Build (image):
    error: the build of the image failed
"""
    )
    failed = [f.name for f in facts.failed_resources if f.type != "pulumi:pulumi:Stack"]
    assert failed == ["image"]


def test_a_row_that_was_broken_in_its_diff_is_joined() -> None:
    facts = read(
        " ~  aws:sqs:Queue jobs updating (1s) [diff:",
        '~name]; error: Status=409 Code="StillBusy" Message="wait"',
    )
    assert facts.root_cause
    assert (facts.root_cause.name, facts.root_cause.error_code) == ("jobs", "StillBusy")


def test_a_row_that_was_broken_after_its_status_is_joined() -> None:
    facts = read(
        " +  azure-native:app:Job dns creating (69s) error: Status=400",
        'Code="InvalidImage" Message="there is no such image"',
    )
    assert facts.root_cause
    assert (facts.root_cause.name, facts.root_cause.error_code) == ("dns", "InvalidImage")


def test_the_paragraphs_of_a_comment_belong_together() -> None:
    facts = read("// shop (pulumi:pulumi:Stack)", "// error: update failed", "", "// jobs (aws:sqs:Queue)",
                 "// error: api error Denied: no")  # fmt: skip
    assert [failure.name for failure in facts.failed_resources] == ["jobs"]


def test_a_traceback_that_is_cut_off_states_no_cause_of_its_own() -> None:
    facts = read(
        """\
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: Program failed with an unhandled exception:
    Traceback (most recent call last):
      File "/usr/local/bin/pulumi-language-python-exec", line 107, in <module>
        loop.run_until_complete(coro)
      File "/usr/lib/python3.6/asyncio/base_events.py", li"""
    )
    assert facts.root_cause
    assert facts.root_cause.headline.startswith("Program failed with an unhandled exception")


def test_of_what_a_program_printed_the_fuller_text_is_kept() -> None:
    facts = read(
        """\
    pulumi:pulumi:Stack shop-dev  \t/w/main.go:24 +0x9c
    pulumi:pulumi:Stack shop-dev  error: an unhandled error occurred: program exited with non-zero exit code: 2
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    panic: the region is missing
    goroutine 1 [running]:
    main.main()
    \t/w/main.go:24 +0x9c

    error: an unhandled error occurred: program exited with non-zero exit code: 2
"""
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "panic: the region is missing"


def test_the_head_of_a_block_and_its_message_may_stand_on_one_line() -> None:
    facts = read("aws:sqs:Queue (jobs):   error: api error QueueNameExists: a queue has this name")
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:sqs:Queue", "jobs")]
    assert facts.root_cause
    assert facts.root_cause.error_code == "QueueNameExists"


def test_within_a_block_such_a_line_is_what_was_printed() -> None:
    facts = read(
        """\
Updating (dev):
     Type                 Name      Status       Info
 +   pulumi:pulumi:Stack  shop-dev  created      1 message

Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    aws:sqs:Queue (jobs): error: the tool says so

Resources:
    + 1 created

Duration: 1s
"""
    )
    assert facts.outcome is Outcome.SUCCEEDED


def test_a_row_may_hold_more_of_a_message_than_the_end_of_a_cut_log() -> None:
    facts = read(
        """\
Updating (dev):
 +  aws:sqs:Queue jobs creating (0s) error: creating SQS Queue (jobs): api error OverLimit: no more
Diagnostics:
  aws:sqs:Queue (jobs):
    error: creating SQS Que"""
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "creating SQS Queue (jobs): api error OverLimit: no more"


def test_what_a_build_printed_before_its_wrapper_is_the_cause() -> None:
    facts = read(
        """\
  compile: writing output: write b001/x.a: no space left on device

  error: error running make: could not start gcc: exit status 2
"""
    )
    assert facts.root_cause
    assert facts.root_cause.headline.endswith("no space left on device")
