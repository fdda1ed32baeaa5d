"""A hub on this machine: repositories with random weights in the layouts of the real ones."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from safetensors.torch import save_file

from tests.checkpoints.libraries import random, transformers_model

SIDE = 32  # pixels of the small models' pictures: 2 × 2 patches


class Hub(BaseHTTPRequestHandler):
    """The routes that a download needs: what a commit holds, and each file."""

    root: Path  # a folder for each repository, OWNER/NAME
    cut: set[str]  # repositories whose connection breaks off within a file of weights
    asked: list[str]

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0])
        self.asked.append(f"{self.command} {path}")
        if path.startswith("/api/models/"):
            repo, _, commit = path.removeprefix("/api/models/").partition("/revision/")
            self.say(repo, commit)
            return
        repo, _, rest = path.removeprefix("/").partition("/resolve/")
        commit, _, name = rest.partition("/")
        file = self.root / repo / name
        if not name or not file.is_file():
            self.send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        content = file.read_bytes()
        tag = hashlib.sha256(content).hexdigest()
        cut = repo in self.cut and file.suffix != ".json"
        self.send(200, content, {"X-Repo-Commit": commit, "ETag": f'"{tag}"'}, cut=cut)

    def say(self, repo: str, commit: str) -> None:
        """Send what there is in a commit, as the hub's API does."""
        files = sorted(path for path in (self.root / repo).glob("*") if path.is_file())
        if not files:
            self.send(404, b"", {"X-Error-Code": "RepoNotFound"})
            return
        siblings = []
        for path in files:
            content = path.read_bytes()
            one: dict[str, Any] = {"rfilename": path.name, "size": len(content)}
            if path.suffix != ".json":
                digest = hashlib.sha256(content).hexdigest()
                one["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 130}
            siblings.append(one)
        content = {"id": repo, "sha": commit, "siblings": siblings}
        self.send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def send(
        self, status: int, content: bytes, headers: dict[str, str], *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = cut

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(root: Path, cut: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Serve the repositories of a folder; yield the address, and what is asked for."""
    handler = type("Served", (Hub,), {"root": root, "cut": cut, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.asked
    server.shutdown()
    server.server_close()
    thread.join()


def timm_repository(folder: Path, architecture: str, classes: int, seed: int) -> Path:
    """Write a small model of timm's as it pushes one: its config.json and safetensors."""
    import timm

    sizes: dict[str, Any] = {"img_size": SIDE, "embed_dim": 128, "num_heads": 2, "depth": 1}
    model = random(lambda: timm.create_model(architecture, num_classes=classes, **sizes), seed=seed)
    folder.mkdir(parents=True)
    about = {
        "architecture": architecture, "num_classes": classes, "model_args": sizes,
        "pretrained_cfg": {
            "input_size": [3, SIDE, SIDE], "interpolation": "bicubic", "crop_pct": 0.9,
            "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
        },
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(about))
    save_file(model.state_dict(), folder / "model.safetensors", {"format": "pt"})
    return folder / "model.safetensors"


def dinov2_repository(folder: Path) -> Path:
    """Write a small DINOv2 as transformers does."""
    model = transformers_model(
        "Dinov2Model", image_size=42, patch_size=14, hidden_size=48, num_hidden_layers=1
    )
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    return folder / "model.safetensors"
