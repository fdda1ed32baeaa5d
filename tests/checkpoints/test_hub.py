"""Downloads through the hub's own client, from a small hub on this machine."""

import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
import torch

from tests.checkpoints.libraries import (
    logits_of,
    npz,
    pretrained,
    pth,
    sharded,
    tiny_timm,
    transformers_model,
)
from tests.checkpoints.test_others import tiny_google
from vitexplain import checkpoints
from vitexplain.checkpoints import CheckpointError, load_pretrained
from vitexplain.checkpoints.hub import download
from vitexplain.extras import install

NAME, COMMIT = "someone/model", "c" * 40
IMAGES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


class Hub(BaseHTTPRequestHandler):
    """The routes that a download needs: what there is, and each file."""

    folder: Path  # what the repository holds
    asked: list[str]  # files whose content was sent
    lies: bool  # about checksums

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith(f"/api/models/{NAME}"):
            files = [file for file in self.folder.rglob("*") if file.is_file()]
            siblings = [self.sibling(file) for file in files]
            content: Any = {"id": NAME, "sha": COMMIT, "siblings": siblings}
            if "/tree/" in path:
                content = [{"type": "file", "path": one["rfilename"], **one} for one in siblings]
            self.send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})
            return
        file = self.folder / path.rpartition(f"{NAME}/resolve/{COMMIT}/")[2]
        if not path.startswith(f"/{NAME}/resolve/") or not file.is_file():
            self.send(404, b"", {"X-Error-Code": "RepoNotFound"})
            return
        content = file.read_bytes()
        if self.command == "GET":
            self.asked.append(file.name)
        tag = hashlib.sha256(content).hexdigest()
        self.send(200, content, {"X-Repo-Commit": COMMIT, "ETag": f'"{tag}"'})

    def sibling(self, file: Path) -> dict[str, Any]:
        content = file.read_bytes()
        sibling: dict[str, Any] = {"rfilename": str(file.relative_to(self.folder))}
        if file.suffix != ".json":
            digest = "0" * 64 if self.lies else hashlib.sha256(content).hexdigest()
            sibling["lfs"] = {"sha256": digest, "oid": digest, "size": len(content)}
            sibling["lfs"]["pointerSize"] = 130
        return sibling | {"size": len(content), "oid": hashlib.sha1(content).hexdigest()}

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Iterator[type[Hub]]:
    """A hub of one repository, `Hub.folder`, that the client believes to be the real one."""
    handler = type("OneHub", (Hub,), {"folder": tmp_path / "repo", "asked": [], "lies": False})
    handler.folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"


def check(model, vit) -> None:
    torch.testing.assert_close(logits_of(vit, IMAGES), logits_of(model, IMAGES), rtol=0, atol=1e-5)


def test_a_folder_with_its_words_and_no_pickle_beside_it(hub, cache):
    model = transformers_model("ViTForImageClassification", layer_norm_eps=1e-3)
    pretrained(model, hub.folder.parent).replace(hub.folder)
    (hub.folder / "pytorch_model.bin").write_bytes(b"not wanted")
    (hub.folder / "README.md").write_text("not wanted")
    check(model, load_pretrained(NAME, cache=cache, progress=False))
    assert sorted(hub.asked) == ["config.json", "model.safetensors"]
    check(model, load_pretrained(NAME, cache=cache, progress=False))
    assert len(hub.asked) == 2, "the second time everything is in the cache"


def test_shards(hub, cache):
    model = transformers_model("ViTForImageClassification")
    sharded(model, hub.folder.parent).replace(hub.folder)
    check(model, load_pretrained(NAME, cache=cache, progress=False))


@pytest.mark.parametrize("write", [pth, npz()])
def test_one_file_of_any_name(write, hub, cache):
    model = tiny_timm(**tiny_google(num_heads=1))
    write(model, hub.folder)
    vit = load_pretrained(NAME, cache=cache, image_size=48, progress=False)
    assert vit.config.image_size == 48


def test_the_same_without_a_network(hub, cache, monkeypatch):
    model = transformers_model("ViTForImageClassification", layer_norm_eps=1e-3)
    pretrained(model, hub.folder.parent).replace(hub.folder)
    path = download(NAME, revision=COMMIT, cache=cache, progress=False)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    assert download(NAME, revision=COMMIT, cache=cache, progress=False) == path
    check(model, load_pretrained(NAME, revision=COMMIT, cache=cache, progress=False))
    with pytest.raises(CheckpointError, match="cannot be reached, and the cache has no weights"):
        load_pretrained("someone/else", cache=cache)


def test_progress_is_shown_unless_it_is_not_wanted(hub, cache, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TQDM_POSITION", "-1")  # the client's way to ask for bars on no terminal
    pth(tiny_timm(), hub.folder)
    download(NAME, cache=cache, progress=False)
    assert capsys.readouterr().err == ""
    download(NAME, cache=tmp_path / "another cache")
    assert re.search(r"weights\.pth: +100%", capsys.readouterr().err)


@pytest.mark.rejects
def test_checksums(hub, cache):
    path = pth(tiny_timm(), hub.folder)
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    load_pretrained(NAME, cache=cache, checksum=right[:12].upper(), progress=False)
    with pytest.raises(CheckpointError, match=f"has the SHA-256 {right[:16]}…, expected deadbeef"):
        load_pretrained(NAME, cache=cache, checksum="deadbeef", progress=False)
    hub.lies = True
    with pytest.raises(CheckpointError, match="expected 0000000000000000…; delete"):
        load_pretrained(NAME, cache=cache, progress=False)


@pytest.mark.rejects
def test_what_the_hub_does_not_have(hub, cache):
    with pytest.raises(CheckpointError, match="holds no files of weights"):
        load_pretrained(NAME, cache=cache)
    for name in ("someone/else", "not a name", "../../etc"):
        with pytest.raises(CheckpointError, match="the hub has no model"):
            load_pretrained(name, cache=cache)


@pytest.mark.rejects
def test_without_its_client_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModuleNotFoundError, match=re.escape(install("hub"))):
        checkpoints.load_pretrained(NAME)
