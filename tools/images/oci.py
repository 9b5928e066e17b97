# SPDX-License-Identifier: Apache-2.0
"""Writes an image as OCI archive, the same bytes for the same contents; as any user, no daemon.

An image has one layer.  The archive holds what `docker load` of older versions looks for, too.
"""
import collections
import datetime
import gzip
import hashlib
import io
import json
import tarfile

Entry = collections.namedtuple("Entry", "kind mode owner content")

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Tree:
    """The files of an image by their paths, which begin with no slash.  An owner is user = group."""

    def __init__(self):
        self.entries = {}

    def folder(self, path, mode=0o755, owner=0):
        self.put(path, Entry(tarfile.DIRTYPE, mode, owner, b""))

    def file(self, path, content, mode=0o644, owner=0):
        self.put(path, Entry(tarfile.REGTYPE, mode, owner, content))

    def link(self, path, target):
        self.put(path, Entry(tarfile.SYMTYPE, 0o777, 0, target))

    def put(self, path, entry):
        above = path.rpartition("/")[0]
        if above and above not in self.entries:
            self.folder(above)
        self.entries[path] = entry

    def tar(self, time_s):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(self.entries):
                add(tar, path, self.entries[path], time_s)
        return out.getvalue()


def add(tar, path, entry, time_s):
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.mtime = entry.kind, entry.mode, time_s
    info.uid = info.gid = entry.owner
    if entry.kind == tarfile.SYMTYPE:
        info.linkname = entry.content
        tar.addfile(info)
    else:
        info.size = len(entry.content)
        tar.addfile(info, io.BytesIO(entry.content))


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def as_json(value):
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def write(path, tree, settings, name, architecture, time_s):
    """settings: what a container starts with, as in the config of OCI.  Returns digest and sizes."""
    created = iso(time_s)
    layer = tree.tar(time_s)
    packed = gzip.compress(layer, 9, mtime=0)
    config = as_json({
        "architecture": architecture, "os": "linux", "created": created, "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": created, "created_by": "tools/image"}]})
    manifest = as_json({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": described(CONFIG, config),
        "layers": [described(LAYER, packed)]})
    entry = dict(described(MANIFEST, manifest),
                 platform={"architecture": architecture, "os": "linux"},
                 annotations={"org.opencontainers.image.ref.name": name.rpartition(":")[2]})
    blobs = {blob_path(blob): blob for blob in (packed, config, manifest)}
    files = Tree()
    for at in sorted(blobs):
        files.file(at, blobs[at])
    files.file("oci-layout", as_json({"imageLayoutVersion": "1.0.0"}))
    files.file("index.json", as_json({"schemaVersion": 2, "mediaType": INDEX,
                                      "manifests": [entry]}))
    files.file("manifest.json", as_json([{
        "Config": blob_path(config), "RepoTags": [name], "Layers": [blob_path(packed)]}]))
    with open(path, "wb") as out:
        out.write(files.tar(time_s))
    return digest(manifest), len(packed), sum(len(e.content) for e in tree.entries.values())


def blob_path(data):
    return "blobs/" + digest(data).replace(":", "/")


def described(media_type, data):
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def iso(time_s):
    moment = datetime.datetime.fromtimestamp(time_s, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
