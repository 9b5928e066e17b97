# SPDX-License-Identifier: Apache-2.0
"""Pseudo terminals as the standard output and error of a program."""
import contextlib
import os
import pty
import threading
import tty


class Terminal:
    """A terminal that passes on all that is written to it, unchanged."""

    def __init__(self):
        self.leader, self.follower = pty.openpty()
        tty.setraw(self.follower)
        self.pieces = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        # Linux says with EIO that nobody has the other side open.
        with contextlib.suppress(OSError):
            while True:
                piece = os.read(self.leader, 65536)
                if not piece:
                    break
                self.pieces.append(piece)

    def close(self):
        """To be called as soon as the program has been started: it has its own copy."""
        os.close(self.follower)

    def text(self):
        """All that was written, once the program and its children have ended."""
        self.reader.join()
        os.close(self.leader)
        return b"".join(self.pieces)
