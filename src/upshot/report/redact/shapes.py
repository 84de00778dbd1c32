"""The shapes of tokens of many services.

Prefixes, alphabets and lengths follow the rules of gitleaks (its default configuration, rule
names in the second column) where it has one; those of Pulumi, and GitHub's long `ghs_` form, come
from Pulumi's and GitHub's own documentation; the last rules are ours. Lengths are minimums here,
not exact: a token that grows is still a token.

No expression asks for a word boundary: in a log a token stands right behind an escaped line end, `%3D` or `TOKEN_`.
A prefix that ends ordinary words, too (`disk-…`), must be followed by something random.

Every expression is linear: it starts with a literal or a bounded run, ends with its only
unbounded run, and demands nothing after it. Knows no value of a secret.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Shape(Struct, frozen=True):
    """One rule. It masks the group `secret`, or the whole match when there is no such group."""

    keywords: tuple[str, ...]
    """Lower case; the expression is tried only on a text that has one of them."""
    source: str
    """The gitleaks rule, or another source."""
    expression: str
    check: str = ""
    """`random`: the secret must look random as well (letters, digits, entropy). `jwt`: two parts or
    more. `pem`: spans lines by itself."""

    @property
    def wraps(self) -> bool:
        """Whether it is one unbroken token, which a terminal may have wrapped over lines."""
        return "(?P<secret>" not in self.expression and self.check != "pem"


_QUOTE = r"""(?:\\{0,4}["'`]|\\{1,4}u002[27]|%2[27]|&quot;|&#3[49];)"""
_VALUE = _QUOTE + r"{0,2}\s{0,3}(?:[:=]|=>|%3[AaDd])\s{0,3}" + _QUOTE + "?"
"""What stands between a key and its value, also in JSON that was escaped up to twice, in HTML and in
an address."""
_PEM_BODY = r"(?:(?!-----)[^\x00]){0,20000}-----END[ A-Z0-9_-]{0,60}-----"

SHAPES: Final = (
    # Pulumi. A claim address is a bearer right to the stacks.
    Shape(("pul-",), "pulumi-api-token, longer", r"pul-[A-Za-z0-9._-]{16,}"),
    Shape(
        ("/claim/",),
        "Pulumi: claim address",
        r"https?://[A-Za-z0-9.:\[\]-]{1,255}/claim/(?P<secret>[^\s\"'<>`()\[\]]{6,})",
    ),
    Shape(("claim",), "Pulumi: claim token", r"(?i:claim_?(?:token|url))" + _VALUE
          + r"(?P<secret>[^\s\"'`,;()\[\]]{8,})"),
    # GitHub. `ghs_` has a longer form with dots and dashes since 2026.
    Shape(("ghs_",), "github-app-token; GitHub", r"ghs_[A-Za-z0-9._-]{36,}"),
    Shape(("ghp_", "gho_", "ghu_", "ghr_"), "github-pat, -oauth, -refresh-token",
          r"gh[pour]_[A-Za-z0-9_]{36,}"),
    Shape(("github_pat_",), "github-fine-grained-pat", r"github_pat_\w{22,}"),
    Shape(("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"), "gitlab-pat and its kin",
          r"gl(?:pat|dt|rt|ptt|cbt)-[\w.-]{20,}"),
    # AWS
    Shape(("akia", "asia", "abia", "acca", "a3t"), "aws-access-token",
          r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"),
    Shape(("secretaccesskey", "secret_access_key", "secret access key", "aws_secret"),
          "AWS: secret access key",
          r"(?i:secret_?\s?access_?\s?key|aws_secret(?:_key)?)" + _VALUE
          + r"(?P<secret>[A-Za-z0-9/+=%]{40,})"),
    Shape(("sessiontoken", "session_token", "security-token"), "AWS: session token",
          r"(?i:session_?token|x-amz-security-token)" + _VALUE
          + r"(?P<secret>[A-Za-z0-9/+=%]{60,})"),
    Shape(("x-amz-", "x-goog-", "sig="), "signed addresses",
          r"(?i:[?&;](?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|sig)=)"
          r"(?P<secret>[A-Za-z0-9%/+=_.~-]{16,})"),
    Shape(("absk",), "aws-amazon-bedrock-api-key", r"ABSK[A-Za-z0-9+/]{60,}={0,2}"),
    # Azure
    Shape(("q~",), "azure-ad-client-secret",
          r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,}"),
    Shape(("accountkey=", "sharedaccesskey=", "sharedaccesssignature="), "Azure: connection string",
          r"(?i:AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<secret>[A-Za-z0-9+/=%&._-]{20,})"),
    # Google Cloud
    Shape(("aiza",), "gcp-api-key", r"AIza[\w-]{35,}"),
    Shape(("ya29.",), "Google: OAuth access token", r"ya29\.[\w.-]{20,}"),
    Shape(("gocspx-",), "Google: client secret", r"GOCSPX-[\w-]{20,}"),
    # Chat, package registries, AI, payments, observability
    Shape(("xox",), "slack-bot-token and its kin", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}"),
    Shape(("xapp-", "xwfp-"), "slack-app-token",
          r"(?:xapp|xwfp)-[A-Za-z0-9-]{10,}", "random"),
    Shape(("hooks.slack.com",), "slack-webhook-url",
          r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9+/]{20,})"),
    Shape(("/api/webhooks/",), "Discord: webhook",
          r"/api/webhooks/\d{10,25}/(?P<secret>[\w-]{30,})"),
    Shape((".webhook.office.com",), "microsoft-teams-webhook",
          r"\.webhook\.office\.com/(?P<secret>[\w@/-]{30,})"),
    Shape(("npm_",), "npm-access-token", r"npm_[A-Za-z0-9]{30,}"),
    Shape(("pypi-",), "pypi-upload-token", r"pypi-[\w-]{50,}"),
    Shape(("dckr_",), "Docker: access token", r"dckr_(?:pat|oat)_[\w-]{20,}"),
    Shape(("hvs.", "hvb.", "hvr."), "vault-service-token, -batch-token", r"hv[sbr]\.[\w-]{20,}"),
    Shape((".atlasv1.",), "hashicorp-tf-api-token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}"),
    Shape(("sk-",), "anthropic-api-key, openai-api-key",
          r"sk-(?:ant-|proj-|svcacct-|admin-|or-)[\w-]{20,}", "random"),
    Shape(("t3blbkfj",), "openai-api-key", r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20,}"),
    Shape(("hf_",), "huggingface-access-token", r"hf_[A-Za-z0-9]{30,}"),
    Shape(("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"), "stripe-access-token",
          r"(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{10,}", "random"),
    Shape(("sg.",), "sendgrid-api-token", r"SG\.[\w-]{16,32}\.[\w-]{30,}"),
    Shape(("dop_v1_", "doo_v1_", "dor_v1_"), "digitalocean-access-token",
          r"do[opr]_v1_[a-f0-9]{40,}"),
    Shape(("glsa_", "glc_"), "grafana-service-account-token", r"gl(?:sa|c)_[A-Za-z0-9+/=_]{32,}"),
    Shape(("dapi",), "databricks-api-token", r"dapi[a-f0-9]{32,}(?:-\d)?"),
    Shape(("age-secret-key-1",), "age-secret-key", r"AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
    Shape(("ops_eyj",), "1password-service-account-token", r"ops_eyJ[A-Za-z0-9+/=]{60,}"),
    Shape(("sntrys_", "sntryu_"), "sentry-org-token", r"sntry[su]_[A-Za-z0-9+/=_]{40,}"),
    Shape(("shpat_", "shpss_", "shpca_", "shppa_"), "shopify-access-token",
          r"shp(?:at|ss|ca|pa)_[A-Fa-f0-9]{32,}"),
    Shape(("nrak-",), "new-relic-user-api-key", r"NRAK-[A-Za-z0-9]{20,}"),
    Shape(("lin_api_",), "linear-api-key", r"lin_api_[A-Za-z0-9]{32,}"),
    # Formats
    Shape(("eyj",), "jwt", r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{4,}){0,4}", "jwt"),
    Shape(("private key",), "private-key",
          r"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----"
          r"(?:" + _PEM_BODY + r"|(?:\\[nr]|\s|[A-Za-z0-9+/=]{32,})*)", "pem"),
    Shape(("://",), "user and password in an address",
          r"://[^\s/:@\"'<>]{0,128}:(?P<secret>[^\s/@\"'<>\[\]]{1,256})@"),
    Shape(("bearer ", "authorization", "proxy-authorization"), "curl-auth-header",
          r"(?i:authorization[\"']?\s{0,3}[:=]\s{0,3}\\{0,4}[\"']?(?:basic|bearer|token|digest)\s{1,3}"
          r"|bearer\s{1,3})(?P<secret>[A-Za-z0-9+/._~=-]{16,})", "random"),
    Shape(("authorization",), "curl-auth-user",
          r"(?i:authorization[\"']?\s{0,3}[:=]\s{0,3}\\{0,4}[\"']?basic\s{1,3})"
          r"(?P<secret>[A-Za-z0-9+/=]{8,})"),
    Shape(("password", "passwd", "pwd", "secret", "token", "apikey", "api_key", "api-key",
           "access_key", "accesskey", "private_key", "passphrase"),
          "generic-api-key, much narrower",
          r"(?i:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access_?key|private_?key)"
          + _VALUE + r"(?P<secret>[A-Za-z0-9+/_~.!#$%^&*=-]{12,})", "random"),
)  # fmt: skip
