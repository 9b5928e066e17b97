# SPDX-License-Identifier: Apache-2.0
"""Planted secrets: the ways in which one reaches the program, what goes wrong then, and the search."""
