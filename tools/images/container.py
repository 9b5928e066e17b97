# SPDX-License-Identifier: Apache-2.0
"""Runs an image nearly as `docker run` does, without a daemon: fresh files over its own, mounts, the
user, environment, folder and arguments of its configuration, the network of the host.  Needs root.
"""
import json
import os
import shutil
import subprocess
import sys
import tarfile

TIMEOUT_S = 120
MOUNTED = (("/dev", "dev"), ("/etc/resolv.conf", "etc/resolv.conf"), ("/etc/hosts", "etc/hosts"))


class Image:
    """An OCI archive, unpacked by umoci, which also says what a container starts with."""

    def __init__(self, archive, folder):
        layout, self.bundle = os.path.join(folder, "layout"), os.path.join(folder, "bundle")
        self.folder, self.emulator = folder, None
        os.mkdir(os.path.join(folder, "container"))
        with tarfile.open(archive) as tar:
            tar.extractall(layout)
        with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
            entry, = json.load(file)["manifests"]
        self.architecture = entry["platform"]["architecture"]
        tag = entry["annotations"]["org.opencontainers.image.ref.name"]
        subprocess.run(["umoci", "unpack", "--image", layout + ":" + tag, self.bundle], check=True)
        self.root = os.path.join(self.bundle, "rootfs")
        with open(os.path.join(self.bundle, "config.json"), encoding="utf-8") as file:
            self.process = json.load(file)["process"]

    def run(self, *words, volumes=(), environment=None, entrypoint=None):
        """Exit status and output.  volumes: (folder here, folder there); words replace the CMD."""
        args = self.process["args"]
        first, default = args[:1], args[1:]
        if entrypoint is not None:
            first, default = list(entrypoint), []
        if self.emulator and not os.path.exists(os.path.join(self.root, "emulator")):
            shutil.copy(self.emulator, os.path.join(self.root, "emulator"))
        plan = {"image": self.root, "at": self.folder, "args": first + (list(words) or default),
                "cwd": self.process["cwd"], "env": dict(
                    dict(word.split("=", 1) for word in self.process["env"]),
                    **(environment or {})),
                "uid": self.process["user"]["uid"], "gid": self.process["user"]["gid"],
                "volumes": [list(pair) for pair in volumes],
                "emulator": "/emulator" if self.emulator else None}
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", sys.executable,
             os.path.abspath(__file__), json.dumps(plan)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")


def bind(source, target):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        with open(target, "wb"):
            pass
    subprocess.run(["mount", "--bind", source, target], check=True)


def which(name, path):
    """As the runtime looks the program up in the image."""
    if "/" in name:
        return name
    for folder in path.split(":"):
        if os.access(os.path.join(folder, name), os.X_OK):
            return os.path.join(folder, name)
    sys.exit("no %s in %s" % (name, path))


def overlaid(image, at):
    """What a container writes is in memory, and gone with it."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", at + "/container"], check=True)
    upper, work, root = (os.path.join(at, "container", name) for name in ("upper", "work", "root"))
    for folder in (upper, work, root):
        os.mkdir(folder)
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s,workdir=%s"
                    % (image, upper, work), root], check=True)
    return root


def inside(plan):
    """In a mount namespace of its own: becomes the first process of the container."""
    root = overlaid(plan["image"], plan["at"])
    for source, target in MOUNTED:
        bind(source, os.path.join(root, target))
    os.makedirs(os.path.join(root, "proc"), exist_ok=True)
    subprocess.run(["mount", "-t", "proc", "proc", os.path.join(root, "proc")], check=True)
    for source, target in plan["volumes"]:
        bind(source, root + target)
    os.chroot(root)
    os.chdir(plan["cwd"])
    os.setgroups([])
    os.setgid(plan["gid"])
    os.setuid(plan["uid"])
    args = plan["args"]
    program = which(args[0], plan["env"]["PATH"])
    if plan["emulator"]:
        os.execve(plan["emulator"], ["emulator", "-0", args[0], program] + args[1:], plan["env"])
    os.execve(program, args, plan["env"])


if __name__ == "__main__":
    inside(json.loads(sys.argv[1]))
