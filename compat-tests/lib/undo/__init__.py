# SPDX-License-Identifier: Apache-2.0
"""What undo_test.py is made of: a model of undo, and projects that the program works on."""
