"""A stand-in for Kubernetes with Dask's operator: it takes a DaskCluster over HTTP and starts what its containers say on this machine.

It knows just what `dask_kubernetes.operator.KubeCluster` asks: discovery, objects by name and by label, one scheduler, one group of workers. A real API server
checks permissions and images, and starts pods on nodes; none of this is tried here.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

GROUP = "kubernetes.dask.org/v1"
KINDS = {
    "daskclusters": (f"apis/{GROUP}", "DaskCluster"),
    "daskworkergroups": (f"apis/{GROUP}", "DaskWorkerGroup"),
    "pods": ("api/v1", "Pod"),
    "services": ("api/v1", "Service"),
}
Made = dict[str, Any]


class StandIn:
    """The objects that were made, and the processes that stand for pods."""

    def __init__(self, operator: bool) -> None:
        self.objects: dict[tuple[str, str], Made] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.asked: list[Made] = []
        self.operator = operator

    def create(self, made: Made) -> None:
        """Keep a DaskCluster; the operator makes its scheduler, its service and its workers."""
        name = made["metadata"]["name"]
        made["metadata"] |= {"uid": name, "namespace": "default"}
        self.objects["daskclusters", name] = made
        self.asked.append(made)
        if not self.operator:
            return
        port, dashboard = free_port(), free_port()
        scheduler, workers = made["spec"]["scheduler"], made["spec"]["worker"]
        self._start(
            scheduler["spec"]["containers"][0],
            {},
            "--port",
            str(port),
            "--dashboard-address",
            f":{dashboard}",
        )
        for number in range(workers["replicas"]):
            known = {
                "DASK_WORKER_NAME": f"{name}-worker-{number}",
                "DASK_SCHEDULER_ADDRESS": f"tcp://127.0.0.1:{port}",
            }
            self._start(workers["spec"]["containers"][0], known)
        labels = {"dask.org/component": "scheduler", "dask.org/cluster-name": name}
        ready = {
            "phase": "Running",
            "conditions": [
                {"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")
            ],
        }
        ports = [{"name": "tcp-comm", "port": port}, {"name": "http-dashboard", "port": dashboard}]
        self._put("pods", f"{name}-scheduler-0", labels, {}, ready)
        self._put(
            "services",
            f"{name}-scheduler",
            labels,
            {**scheduler["service"], "ports": ports, "clusterIP": "127.0.0.1"},
            {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}},
        )
        self._put(
            "daskworkergroups", f"{name}-default", labels, {"cluster": name, "worker": workers}, {}
        )
        made["status"] = {"phase": "Running"}

    def delete(self, name: str) -> None:
        """Forget a DaskCluster and end all that it started."""
        self.objects.clear()
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def _put(self, plural: str, name: str, labels: Made, spec: Made, status: Made) -> None:
        where, kind = KINDS[plural]
        metadata = {"name": name, "namespace": "default", "labels": labels, "uid": name}
        version = where.partition("/")[2]
        self.objects[plural, name] = {
            "apiVersion": version,
            "kind": kind,
            "metadata": metadata,
            "spec": spec,
            "status": status,
        }

    def _start(self, container: Made, known: Made, *more: str) -> None:
        environment = {one["name"]: one["value"] for one in container.get("env") or []} | known
        words = [
            part.replace("$(DASK_WORKER_NAME)", known.get("DASK_WORKER_NAME", ""))
            for part in container["args"]
        ]
        # every pod has its ports to itself, processes of one machine do not
        words = ["0" if part == "8788" else part.replace("0.0.0.0", "127.0.0.1") for part in words]
        assert (
            words.pop(0) == "dask"
        )  # recent versions have no `dask-worker` and no `dask-scheduler`
        words = [sys.executable, "-m", "dask", *words]
        self.processes.append(
            subprocess.Popen(
                [*words, *more],
                env={**os.environ, **environment},
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def selected(query: dict[str, list[str]], kind: str) -> dict[str, str]:
    """Read `a=b,c=d`."""
    return dict(pair.split("=") for text in query.get(kind, []) for pair in text.split(",") if pair)


def handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self, what: Made, code: int = 200) -> None:
            body = json.dumps(what).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _asked(self) -> tuple[str, str, str, dict[str, list[str]]]:
            address = urlsplit(self.path)
            where, _, rest = address.path.strip("/").partition("/namespaces/default/")
            plural, _, name = rest.partition("/")
            return where, plural, name, parse_qs(address.query)

        def do_GET(self) -> None:
            found = self._found()
            self._answer(
                found or {"kind": "Status", "code": 404, "message": "not found"},
                200 if found else 404,
            )

        def _found(self) -> Made | None:
            where, plural, name, query = self._asked()
            if where == "version":
                return {"major": "1", "minor": "30", "gitVersion": "v1.30.0"}
            if where == "api":
                return {"kind": "APIVersions", "versions": ["v1"]}
            if where == "apis":
                one = {"groupVersion": GROUP, "version": "v1"}
                group = {"name": "kubernetes.dask.org", "versions": [one], "preferredVersion": one}
                return {"kind": "APIGroupList", "groups": [group]}
            if not plural:
                listed = [
                    {
                        "name": key,
                        "singularName": kind.lower(),
                        "kind": kind,
                        "namespaced": True,
                        "verbs": [],
                    }
                    for key, (place, kind) in KINDS.items()
                    if place == where
                ]
                return {
                    "kind": "APIResourceList",
                    "groupVersion": where.partition("/")[2],
                    "resources": listed,
                }
            if name:
                return stand_in.objects.get((plural, name))
            labels, fields = selected(query, "labelSelector"), selected(query, "fieldSelector")
            items = [
                made
                for (kept, _), made in stand_in.objects.items()
                if kept == plural
                and labels.items() <= made["metadata"].get("labels", {}).items()
                and fields.get("metadata.name", made["metadata"]["name"])
                == made["metadata"]["name"]
            ]
            return {"kind": "List", "items": items, "metadata": {}}

        def do_POST(self) -> None:
            made = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.create(made)
            self._answer(made, 201)

        def do_DELETE(self) -> None:
            *_, name, _ = self._asked()
            stand_in.delete(name)
            self._answer({"kind": "Status", "status": "Success"})

        def log_message(self, *_: Any) -> None:
            if os.environ.get("STAND_IN_TELLS"):
                print(self.requestline, file=sys.stderr)

    return Handler


@contextmanager
def kubernetes(folder: Path, operator: bool = True) -> Iterator[StandIn]:
    """Serve on the loopback; `folder/config` is what KUBECONFIG names."""
    stand_in = StandIn(operator)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(stand_in))
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [
            {"name": "here", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
        ],
        "users": [{"name": "nobody", "user": {"token": "none"}}],
        "contexts": [
            {
                "name": "here",
                "context": {"cluster": "here", "user": "nobody", "namespace": "default"},
            }
        ],
    }
    (folder / "config").write_text(json.dumps(config))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stand_in
    finally:
        stand_in.delete("")
        server.shutdown()
        server.server_close()
