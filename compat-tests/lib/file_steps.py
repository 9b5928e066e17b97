# SPDX-License-Identifier: Apache-2.0
"""The steps of a case that change files; both players have them (case_player.py, walk/player.py)."""
import base64
import os
import shutil


class FileSteps:
    """folder: where the files are; fill(text): the text with its {{...}} replaced."""

    folder = None

    def fill(self, text):
        raise NotImplementedError

    def path(self, text):
        return os.path.join(self.folder, self.fill(text))

    def new_path(self, text):
        """A path whose folder is there."""
        path = self.path(text)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def content(self, step):
        """The bytes of a step that writes a file."""
        if "base64" in step:
            return base64.b64decode(step["base64"])
        text = step["content"]
        if isinstance(text, list):
            text = "".join(line + "\n" for line in text)
        return self.fill(text).encode()

    def step_write(self, step):
        with open(self.new_path(step["path"]), "wb") as file:
            file.write(self.content(step))

    def step_mkdir(self, step):
        os.makedirs(self.path(step["path"]), exist_ok=True)

    def step_delete(self, step):
        remove(self.path(step["path"]))

    def step_rename(self, step):
        os.rename(self.path(step["from"]), self.new_path(step["to"]))

    def step_chmod(self, step):
        os.chmod(self.path(step["path"]), int(step["mode"], 8))

    def step_link(self, step):
        os.symlink(self.fill(step["to"]), self.new_path(step["path"]))

    def step_pipe(self, step):
        os.mkfifo(self.new_path(step["path"]))


def remove(path):
    """A file, a link (also one to a folder), or a folder with all that is in it."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.remove(path)
