# SPDX-License-Identifier: Apache-2.0
"""Failures that are injected into the program: allocations, system calls, kills at a given call."""
