# SPDX-License-Identifier: Apache-2.0
"""TLS: certificates of all kinds, and what is tried with them."""
