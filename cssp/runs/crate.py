"""The run as an RO-Crate (Workflow Run profile), for archives and for those who will ask where a number came from."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cssp import __version__
from cssp.files import write_text
from cssp.runs import published
from cssp.runs.due import MANIFEST, read_manifest
from cssp.runs.fingerprint import libraries
from cssp.runs.manifest import git_state
from cssp.runs.pages import city_label
from cssp.runs.plan import having_results
from cssp.show.labels import Labels
from cssp.study import Study
from cssp.yaml_files import in_language

CRATE, WORKFLOW = "ro-crate-metadata.json", "workflow.json"
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate"),
)  # fmt: skip
#: Terms of the profiles that RO-Crate's own context lacks.
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"


def write_crate(output: Path, study: Study, language: str, began: datetime, failures: dict[str, str]) -> Path:
    """Write `ro-crate-metadata.json` and `workflow.json` of a folder of runs.

    Each city is a data set with its manifest (which has the hashes of every file), its report and its executed notebooks; the run is an
    action with its inputs, results, times and the versions of what computed. Inputs are named with their hashes, not copied: they may be
    people's answers.

    Parameters
    ----------
    output : folder of the runs
    study : the study
    language : of the pages
    began : when the run began
    failures : city -> what went wrong

    Returns
    -------
    the metadata file
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    since = published.notes(output)
    labels = Labels(study, language)
    crate = ROCrate()
    crate.name = in_language(study.file.title, language)
    crate.description = f"Results of `cssp run` for the study '{in_language(study.file.title, 'en')}'."
    crate.license = "Not stated: results belong to the study; the software is under the MIT licence."
    crate.metadata.extra_contexts.append(CONTEXT)
    crate.root_dataset["conformsTo"] = [
        crate.add(
            ContextEntity(
                crate, url, {"@type": "CreativeWork", "name": name, "version": url.rpartition("/")[2]}
            )
        )
        for url, name in PROFILES
    ]
    manifests = {name: told for name in having_results(study) if (told := read_manifest(output / name))}
    software = crate.add(
        ContextEntity(
            crate, "#cssp", {"@type": ["ComputerLanguage", "SoftwareApplication"], "name": "cssp", "version": __version__, "softwareVersion": __version__,
            "identifier": git_state().get("commit", ""), "softwareRequirements": [f"{name}=={version}" for name, version in libraries().items()]},
        )
    )  # fmt: skip
    notebooks = sorted({name for told in manifests.values() for name in told["notebooks"]})
    _write_workflow(output, manifests, notebooks)
    workflow = _file(
        crate, output, WORKFLOW, {"@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"], "name": "city x notebook"}
    )  # fmt: skip
    workflow["programmingLanguage"] = software
    crate.root_dataset["mainEntity"] = workflow
    inputs = {name: value for told in manifests.values() for name, value in told["inputs"].items()}
    objects = [
        crate.add(ContextEntity(crate, f"#study/{name}", {"@type": "CreativeWork", "name": name, "sha256": value})) for name, value in sorted(inputs.items())
    ]  # fmt: skip
    results = [_dataset(crate, output, name, told, labels) for name, told in manifests.items()]
    for name in ("index.html", "across.html", "across.csv"):
        if (output / name).is_file():
            results.append(_file(crate, output, name, {"name": name}))
    action = crate.add(
        ContextEntity(
            crate, "#run", {"@type": "CreateAction", "name": "cssp run", "startTime": began.isoformat(timespec="seconds"),
            "endTime": datetime.now(UTC).isoformat(timespec="seconds"),
            "actionStatus": "http://schema.org/FailedActionStatus" if failures else "http://schema.org/CompletedActionStatus",
            **({"error": "; ".join(failures.values())} if failures else {})},
        )
    )  # fmt: skip
    action["instrument"], action["object"], action["result"] = workflow, objects, results
    crate.root_dataset["mentions"] = action
    text = json.dumps(crate.metadata.generate(), ensure_ascii=False, indent=1, sort_keys=True)
    write_text(output / CRATE, text + "\n")
    published.forget(output, since)
    return output / CRATE


def _write_workflow(output: Path, manifests: dict[str, dict[str, Any]], notebooks: list[str]) -> None:
    """Write what was run in what order: each notebook by itself, then a city's report, then the pages over all cities."""
    told = {
        "notebooks": {
            name: {"needs": ["the study's files"], "sha256": sorted({one["notebooks"][name]["fingerprint"]["notebook"] for one in manifests.values() if name in one["notebooks"]})}
            for name in notebooks
        },
        "report": {"needs": notebooks},
        "index": {"needs": ["report"]},
        "cities": {name: {"parameters": one["parameters"], "notebooks": sorted(one["notebooks"])} for name, one in manifests.items()},
    }  # fmt: skip
    write_text(output / WORKFLOW, json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def _dataset(crate: Any, output: Path, name: str, told: dict[str, Any], labels: Labels) -> Any:
    made_up = told.get("simulated", [])
    named = ", ".join(f"{stage} ({told['data'][stage]})" for stage in made_up)
    note = f"Not observed: {named}." if made_up else "Observed data."
    dataset = crate.add_directory(
        None, f"{name}/", properties={"name": city_label(labels, name), "description": note}
    )
    for file in (MANIFEST, "report.html", *told["notebooks"]):
        if (output / name / file).is_file():
            dataset.append_to("hasPart", _file(crate, output, f"{name}/{file}", {"name": file}))
    return dataset


def _file(crate: Any, output: Path, name: str, properties: dict[str, Any]) -> Any:
    content = (output / name).read_bytes()
    known = {
        "html": "text/html",
        "json": "application/json",
        "csv": "text/csv",
        "ipynb": "application/x-ipynb+json",
    }
    told = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "contentSize": str(len(content)),
        "encodingFormat": known[name.rpartition(".")[2]],
    }
    return crate.add_file(None, name, properties={**told, **properties})
