"""The run as an RO-Crate (Workflow Run profile).

For archives and for those who will ask where a number came from.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from cssp import __version__
from cssp.runs.plan.fingerprint import libraries
from cssp.runs.plan.plan import having_results
from cssp.runs.plan.up_to_date import MANIFEST, read_manifest
from cssp.runs.provenance import since_crate
from cssp.runs.provenance.manifest import data_status, git_state
from cssp.runs.report.city_page import city_label
from cssp.show.labels import Labels
from cssp.study.read_yaml import in_language
from cssp.study.study import Study
from cssp.study.write_files import write_text

CRATE, WORKFLOW = "ro-crate-metadata.json", "workflow.json"
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate"),
)
ACTION = "http://schema.org/"
PAGES = ("index.html", "across.html", "across.csv", "study.docx")
#: Up to so many results each is named; beyond, each city's manifest names its own.
LISTED = 5_000
FORMATS = {
    "ipynb": "application/x-ipynb+json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
#: Terms of the profiles that RO-Crate's own context lacks.
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"


def write_crate(
    output: Path,
    study: Study,
    language: str,
    began: datetime,
    failures: dict[str, str],
    own: bool = True,
) -> Path:
    """Write `ro-crate-metadata.json` and `workflow.json` of a folder of runs.

    Each city is a data set with its manifest (which has the hashes of every file), its report,
    workbook, document and executed notebooks, up to `LISTED` files
    also every table and figure; it is the result of an action of its own with its inputs,
    parameters, times and status. The run as a whole is the action that
    made the pages over all cities. Inputs are named with their hashes, not copied: they may be
    people's answers.

    Parameters
    ----------
    output : folder of the runs
    study : the study
    language : of the pages
    began : when the run began
    failures : city -> what went wrong, in this run or an earlier one whose failure stands
    own : whether manifests are written by runs of this folder only: then one that no run noted is
        named with the hash that was written, so that `verify` goes on telling of it

    Returns
    -------
    the metadata file
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    since = since_crate.notes(output)
    before, noted = read_hashes(output) or {}, since_crate.hashes(output)
    labels = Labels(study, language)
    crate = ROCrate(version="1.1")  # the version that the profiles below build upon
    crate.name = in_language(study.file.title, language)
    crate.description = (
        f"Results of `cssp run` for the study '{in_language(study.file.title, 'en')}'."
    )
    crate.license = (
        "Not stated: results belong to the study; the software is under the MIT licence."
    )
    crate.metadata.extra_contexts.append(CONTEXT)

    def entity(called: str, **manifest: Any) -> Any:
        """Add what is no file.

        A local name (#...) is a part of an address, and may have no spaces or Cyrillic.
        """
        name = f"#{quote(called[1:])}" if called.startswith("#") else called
        return crate.add(
            ContextEntity(
                crate,
                name,
                {key.replace("type_", "@type"): value for key, value in manifest.items()},
            )
        )

    crate.root_dataset["conformsTo"] = [
        entity(url, type_="CreativeWork", name=name, version=url.rpartition("/")[2])
        for url, name in PROFILES
    ]
    manifests = {
        name: manifest
        for name in having_results(study)
        if (manifest := read_manifest(output / name))
    }
    git = git_state()
    software = entity(
        "#cssp",
        type_=["ComputerLanguage", "SoftwareApplication"],
        name="cssp",
        version=__version__,
        identifier=f"{git.get('commit', '')}{' with changes' if git.get('changed') else ''}",
        softwareRequirements=[f"{name}=={version}" for name, version in libraries().items()],
    )
    notebooks = sorted({name for manifest in manifests.values() for name in manifest["notebooks"]})
    _write_workflow(output, manifests, notebooks)
    workflow = _file(
        crate,
        output,
        WORKFLOW,
        {
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": "city x notebook",
            "version": __version__,
        },
    )
    workflow["programmingLanguage"] = software
    crate.root_dataset["mainEntity"] = workflow
    inputs = {
        name: value
        for manifest in manifests.values()
        for part in ("inputs", "peers")
        for name, value in manifest.get(part, {}).items()
    }
    objects = {
        name: entity(f"#study/{name}", type_="CreativeWork", name=name, sha256=value)
        for name, value in sorted(inputs.items())
    }
    every = sum(len(manifest["outputs"]) for manifest in manifests.values()) <= LISTED
    datasets, actions = [], []
    for name, manifest in manifests.items():
        path = f"{name}/{MANIFEST}"
        written = before.get(path)
        now = hashlib.sha256((output / path).read_bytes()).hexdigest()
        strange = own and written is not None and now != written and now not in noted.get(path, ())
        dataset = _dataset(
            crate, output, name, manifest, study, labels, every, str(written) if strange else now
        )
        datasets.append(dataset)
        # what an action takes in: the files, and the parameters as values
        taken = [objects[one] for part in ("inputs", "peers") for one in manifest.get(part, {})]
        taken += [
            entity(f"#{name}/{parameter}", type_="PropertyValue", name=parameter, value=str(value))
            for parameter, value in manifest.get("parameters", {}).items()
        ]
        times = [one["times"]["began"] for one in manifest["notebooks"].values()]
        action = entity(
            f"#run/{name}",
            type_="CreateAction",
            name=f"cssp run {name}",
            description=f"Notebooks of {name}, its report, workbook and document.",
            startTime=_moment(min(times)) if times else manifest["written"],
            endTime=manifest["written"],
            actionStatus=f"{ACTION}CompletedActionStatus",
            **({"warning": manifest["warnings"]} if manifest["warnings"] else {}),
        )
        action["instrument"], action["object"], action["result"] = workflow, taken, dataset
        actions.append(action)
    for name, text in failures.items():
        left = sorted((output / f"{name}.failed").glob("*.ipynb"))
        action = entity(
            f"#failed/{name}",
            type_="CreateAction",
            name=f"cssp run {name}",
            description="Earlier results of the city, if it has any, stay.",
            actionStatus=f"{ACTION}FailedActionStatus",
            error=text,
        )
        action["instrument"] = workflow
        if left:
            action["result"] = [
                _file(crate, output, f"{name}.failed/{one.name}", {"name": one.name})
                for one in left
            ]
        actions.append(action)
    pages = [
        _file(crate, output, name, {"name": name}) for name in PAGES if (output / name).is_file()
    ]
    action = entity(
        "#run",
        type_="CreateAction",
        name="cssp run",
        description="The last run: it wrote the pages over all cities; each city's own action "
        "tells when it was run.",
        startTime=began.isoformat(timespec="seconds"),
        endTime=datetime.now(UTC).isoformat(timespec="seconds"),
        actionStatus=f"{ACTION}{'Failed' if failures else 'Completed'}ActionStatus",
        **({"error": "; ".join(failures.values())} if failures else {}),
    )
    action["instrument"], action["object"], action["result"] = workflow, datasets, pages
    crate.root_dataset["mentions"] = [action, *actions]
    text = json.dumps(crate.metadata.generate(), ensure_ascii=False, indent=1, sort_keys=True)
    write_text(output / CRATE, text + "\n")
    since_crate.forget(output, since)
    return output / CRATE


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def read_hashes(output: Path) -> dict[str, str] | None:
    """Return the hashes of files that the crate of a folder tells, by their path in it.

    None where there is no crate, or none that can be read.
    """
    try:
        graph = json.loads((output / CRATE).read_text(encoding="utf-8"))["@graph"]
        return {
            unquote(entity["@id"]): entity["sha256"]
            for entity in graph
            if "File" in entity.get("@type", "") and "sha256" in entity
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write_workflow(
    output: Path, manifests: dict[str, dict[str, Any]], notebooks: list[str]
) -> None:
    """Write what was run in what order.

    Each notebook by itself, then a city's report, then the pages over all cities.
    """
    entity = {
        "notebooks": {
            name: {
                "needs": ["the study's files"],
                "sha256": sorted(
                    {
                        one["notebooks"][name]["fingerprint"]["notebook"]
                        for one in manifests.values()
                        if name in one["notebooks"]
                    }
                ),
            }
            for name in notebooks
        },
        "report": {"needs": notebooks},
        "index": {"needs": ["report"]},
        "cities": {
            name: {"parameters": one["parameters"], "notebooks": sorted(one["notebooks"])}
            for name, one in manifests.items()
        },
    }
    write_text(
        output / WORKFLOW, json.dumps(entity, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    )


def _dataset(
    crate: Any,
    output: Path,
    name: str,
    entry: dict[str, Any],
    study: Study,
    labels: Labels,
    every: bool,
    manifest: str,
) -> Any:
    # the study is asked too: a manifest can have been written on by hand
    now = data_status(study, name, [output / name / one for one in entry["notebooks"]])
    statuses = entry.get("data", {}) | {
        stage: status for stage, status in now.items() if status != "observed"
    }
    made_up = {stage: status for stage, status in statuses.items() if status != "observed"}
    named = ", ".join(f"{stage} ({status})" for stage, status in made_up.items())
    note = f"Not observed: {named}." if made_up else "Observed data."
    dataset = crate.add_directory(
        None, f"{name}/", properties={"name": city_label(labels, name), "description": note}
    )
    wanted = (
        list(entry["outputs"])
        if every
        else ["index.html", "report.xlsx", "appendix.docx", *entry["notebooks"]]
    )
    dataset.append_to(
        "hasPart",
        _file(crate, output, f"{name}/{MANIFEST}", {"name": MANIFEST, "sha256": manifest}),
    )
    for file in wanted:
        if (output / name / file).is_file():
            # of all results, a city's tables alone say in each row what their numbers rest on
            dataset.append_to(
                "hasPart",
                _file(
                    crate,
                    output,
                    f"{name}/{file}",
                    {"name": file, **({"description": note} if made_up else {})},
                ),
            )
    return dataset


def _file(crate: Any, output: Path, name: str, properties: dict[str, Any]) -> Any:
    content = (output / name).read_bytes()
    entity = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "contentSize": str(len(content)),
        "encodingFormat": FORMATS.get(name.rpartition(".")[2])
        or guess_type(name)[0]
        or "application/octet-stream",
    }
    return crate.add_file(None, name, properties={**entity, **properties})
