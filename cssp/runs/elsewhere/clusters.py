"""Dask clusters of one-thread workers, started through Dask's own packages.

Slurm and PBS (dask-jobqueue), SSH (distributed), Kubernetes (dask-kubernetes).

Each package has errors of its own at its start; here they become one sentence.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import shlex
import shutil
import uuid
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from cssp.study.problems import RunError, nearest

#: Of what an error says; the output of a scheduler's command can be long.
LONGEST = 400


@contextlib.contextmanager
def started(kind: str, jobs: int, options: dict[str, Any]) -> Iterator[Any]:
    """Start a cluster with so many workers, and end it afterwards.

    Parameters
    ----------
    kind : slurm, pbs, ssh or kubernetes
    jobs : workers to start (Slurm, PBS: jobs to submit); SSH has the `n_workers` of each host
    options : of the cluster, as its package calls them

    Raises
    ------
    RunError
        The kind is not known, its package is missing, or the cluster does not start.
    """
    if kind not in KINDS:
        raise RunError(f"'{kind}' is not a kind of cluster. {nearest(kind, KINDS)}")
    answer = ""
    # warns of what is said below
    logging.getLogger("distributed.deploy.spec").setLevel(logging.ERROR)
    # another cluster's dashboard is no news to whoever runs a study
    warnings.filterwarnings("ignore", r"\s*Port \d+ is already in use")
    try:
        cluster = KINDS[kind](max(jobs, 1), options)
    except ImportError as error:
        wanted = "'cssp[kubernetes]'" if kind == "kubernetes" else "'cssp[cluster]'"
        raise RunError(
            f"A cluster of the kind '{kind}' needs a further library ({error.name}): pip install "
            f"{wanted}"
        ) from None
    except RunError:
        raise
    except Exception as error:  # each package, and what it calls, has its own
        answer = " ".join(str(error).split()) or type(error).__name__
    if answer:
        gc.collect()  # what is half made would complain when Python ends
        short = answer if len(answer) <= LONGEST else answer[:LONGEST].rstrip() + "..."
        raise RunError(
            f"The cluster of the kind '{kind}' did not start: {short} Look at its options "
            "(--cluster-option), and whether it can be reached from here."
        )
    with cluster:
        yield cluster


def _by_ssh(jobs: int, options: dict[str, Any]) -> Any:
    import asyncssh  # noqa: F401  (distributed says only inside a coroutine that it is missing)
    from distributed import SSHCluster

    # this logger repeats all that its hosts print
    logging.getLogger("distributed.deploy.ssh").setLevel(logging.WARNING)
    hosts = options.pop("hosts", None)
    if not hosts:
        raise RunError(
            "An SSH cluster needs its hosts: --cluster-option hosts=[first,second]; the first runs "
            "the scheduler."
        )
    return SSHCluster(
        hosts, worker_options={"nthreads": 1, "n_workers": options.pop("n_workers", 1)}, **options
    )


def _by_kubernetes(jobs: int, options: dict[str, Any]) -> Any:
    from dask_kubernetes.operator import KubeCluster, make_cluster_spec

    if "custom_cluster_spec" in options:
        return KubeCluster(quiet=True, **options)
    if "image" not in options:
        raise RunError(
            "A Kubernetes cluster needs an image with this version of cssp in it: --cluster-option "
            "image=REGISTRY/NAME:TAG"
        )
    wanted: dict[str, Any] = {
        "name": f"cssp-{uuid.uuid4().hex[:8]}",
        # a process runs one notebook at a time; `dask-worker`, the package's own choice, is gone
        # from recent versions of Dask
        "worker_command": "dask worker --nthreads 1",
        "n_workers": jobs,
    }
    for name in (
        *wanted,
        "image",
        "resources",
        "env",
        "scheduler_service_type",
        "idle_timeout",
        "jupyter",
    ):
        if name in options:
            wanted[name] = options.pop(name)
    if isinstance(wanted.get("env"), dict):
        wanted["env"] = {name: _text(name, value) for name, value in wanted["env"].items()}
    spec = make_cluster_spec(**wanted)
    scheduler = spec["spec"]["scheduler"]["spec"]["containers"][0]
    if scheduler["args"][0] == "dask-scheduler":
        scheduler["args"][:1] = ["dask", "scheduler"]
    return KubeCluster(custom_cluster_spec=spec, quiet=True, **options)


def _text(name: str, value: object) -> str:
    """Return the value of a variable.

    YAML reads `yes` as a truth, and Kubernetes takes texts only.
    """
    if isinstance(value, (bool, list, dict)) or value is None:
        raise RunError(
            f"The variable {name} of the cluster is no text but {value}; put it in quotes: "
            f"env={{{name}: '...'}}"
        )
    return str(value)


def _by_queue(name: str) -> Callable[[int, dict[str, Any]], Any]:
    """Return what starts the workers as jobs of a queue."""

    def start(jobs: int, options: dict[str, Any]) -> Any:
        import dask_jobqueue

        made = getattr(dask_jobqueue, name)
        command = shlex.split(made.job_cls.submit_command)[0]
        if shutil.which(command) is None:
            raise RunError(
                f"There is no command {command} on this machine; start the run on a machine that "
                "may submit jobs, or name another --cluster."
            )
        cluster = made(**{"cores": 1, "processes": 1, "memory": "2GB", **options})
        # `cluster.scale` submits later, in a thread of its own, where a job that is refused would
        # be known to nobody
        for _ in range(jobs):
            cluster.worker_spec.update(cluster.new_worker_spec())
        try:
            cluster.sync(cluster._correct_state)
        except BaseException:
            with contextlib.suppress(
                Exception
            ):  # it complains of the jobs that it could not submit
                cluster.close()
            raise
        return cluster

    return start


KINDS: dict[str, Callable[[int, dict[str, Any]], Any]] = {
    "slurm": _by_queue("SLURMCluster"),
    "pbs": _by_queue("PBSCluster"),
    "ssh": _by_ssh,
    "kubernetes": _by_kubernetes,
}
