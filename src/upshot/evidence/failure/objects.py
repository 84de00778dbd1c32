"""Which Kubernetes object a message is about: `Deployment.apps "web" is invalid`.

The form is that of the API server's own errors (`metav1.Status`): kind or plural, group, name. Must
not know where the message stood.
"""

from __future__ import annotations

from typing import Final

from upshot.text import pattern

# `CronJob.batch "nightly" is invalid`, `pods "web" is forbidden`, `services "web" already exists`.
_OBJECT = pattern(
    r"(?<![\w.\"])(?P<kind>[A-Za-z]{3,60})(?:\.(?P<group>[a-z0-9][a-z0-9.-]{1,100}))?"
    r" \"(?P<name>[^\"\s]{1,253})\" (?:is invalid: |is forbidden: |already exists)",
    marks=('" is ', '" already exists'),
)
# Plurals of the kinds that Kubernetes itself has; those of a custom resource are not known.
_KINDS: Final = {
    kind.lower() + ("es" if kind.endswith("s") else "s"): kind
    for kind in (
        "ClusterRole", "ClusterRoleBinding", "ConfigMap", "CronJob", "DaemonSet", "Deployment",
        "Endpoint", "Job", "LimitRange", "Namespace", "Node", "PersistentVolume",
        "PersistentVolumeClaim", "Pod", "PodDisruptionBudget", "ReplicaSet", "ResourceQuota", "Role",
        "RoleBinding", "Secret", "Service", "ServiceAccount", "StatefulSet", "HorizontalPodAutoscaler",
    )
} | {
    "ingresses": "Ingress", "networkpolicies": "NetworkPolicy", "storageclasses": "StorageClass",
    "customresourcedefinitions": "CustomResourceDefinition", "priorityclasses": "PriorityClass",
}  # fmt: skip


def object_in(message: str) -> tuple[str, str]:
    """Type, as the display shortens it, and name of the object that the API server refuses.

    Both are empty where the message names none.
    """
    found = _OBJECT.search(message[:4_000])
    if not found:
        return "", ""
    kind = found["kind"] if found["kind"][0].isupper() else _KINDS.get(found["kind"], "")
    return (f"kubernetes:{found['group'] or 'core'}:{kind}", found["name"]) if kind else ("", "")
