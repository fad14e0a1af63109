"""The examples of ``config/kubernetes/``: sound by Kubernetes' own schemas, without rights, and run by this program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml
from imaged import NOBODY

from product import CHECKOUT
from trackersync.cli.exits import Exit

if TYPE_CHECKING:
    from product import Shop

FILES = sorted((CHECKOUT / "config" / "kubernetes").glob("*.yaml"))
VERSIONS = ("1.29", kubernetes_validate.latest_version())
"""One that was current when `enableServiceLinks` and all else here had long been stable, and the latest."""


def parts(name: str) -> dict[str, dict[str, Any]]:
    """By kind, what a file holds."""
    found = yaml.safe_load_all((CHECKOUT / "config" / "kubernetes" / name).read_text(encoding="utf-8"))
    return {part["kind"]: part for part in found}


JOB = parts("cronjob.yaml")["CronJob"]["spec"]
DEPLOYMENT = parts("serve.yaml")["Deployment"]["spec"]
PODS = {"cronjob": JOB["jobTemplate"]["spec"]["template"]["spec"], "serve": DEPLOYMENT["template"]["spec"]}
every_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_they_are_sound(file: Any, version: str) -> None:  # noqa: ANN401  # a path
    for part in yaml.safe_load_all(file.read_text(encoding="utf-8")):
        kubernetes_validate.validate(part, version, strict=True)


def test_a_misspelt_key_is_found() -> None:
    """So that the test above is known to look."""
    part = parts("cronjob.yaml")["CronJob"]
    part["spec"]["concurrencePolicy"] = "Forbid"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(part, VERSIONS[0], strict=True)


def test_a_job_never_overlaps_and_its_codes_are_understood() -> None:
    assert (JOB["concurrencyPolicy"], JOB["jobTemplate"]["spec"]["backoffLimit"]) == ("Forbid", 0)
    assert JOB["startingDeadlineSeconds"] >= 10, "or the controller, which looks every 10 seconds, misses it"
    rule = JOB["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][0]
    assert (rule["action"], rule["onExitCodes"]["values"]) == ("Ignore", [Exit.BUSY])
    assert rule["onExitCodes"]["containerName"] == PODS["cronjob"]["containers"][0]["name"]


@every_pod
def test_a_pod_has_no_rights_and_writes_to_its_volume_alone(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == NOBODY
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not pod["automountServiceAccountToken"]
    assert [mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")] == ["/data"]
    assert "memory" in container["resources"]["limits"]


@every_pod
def test_credentials_come_from_secrets(pod: dict[str, Any]) -> None:
    plain = [one["name"] for one in pod["containers"][0]["env"] if "value" in one]
    assert plain == ["TRACKERSYNC_STORE"]
    assert all("secretKeyRef" in one["valueFrom"] for one in pod["containers"][0]["env"] if "value" not in one)


@every_pod
def test_what_a_service_of_our_name_would_set_is_kept_out(
    pod: dict[str, Any], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kubernetes tells every pod of the services beside it by variables, and ours bear our prefix."""
    assert pod["enableServiceLinks"] is False
    name = parts("serve.yaml")["Service"]["metadata"]["name"].upper()
    monkeypatch.setenv(f"{name}_SERVICE_HOST", "10.0.0.1")
    done = shop.run("config")
    assert (done.code, "TRACKERSYNC_SERVICE_HOST" in done.said) == (2, True), "else it would not have to be"


def test_the_job_runs_as_it_is_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (container,) = PODS["cronjob"]["containers"]
    monkeypatch.setenv("TRACKERSYNC_STORE", container["env"][0]["value"].replace("/data", f"{shop.folder}/data"))
    (shop.folder / "data").mkdir()
    command = [word.replace("/config", str(shop.folder)) for word in container["args"]]
    assert "Held by the guard" in shop.run(*command).said
    assert (shop.folder / "data" / "trackersync.db").is_file()


def test_the_service_is_asked_where_it_answers() -> None:
    (container,) = PODS["serve"]["containers"]
    probes = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    (port,) = container["ports"]
    assert port["containerPort"] == parts("serve.yaml")["Service"]["spec"]["ports"][0]["port"] == 8484
    assert (DEPLOYMENT["replicas"], DEPLOYMENT["strategy"]["type"]) == (1, "Recreate"), "one works on a file"
