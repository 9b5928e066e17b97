# SPDX-License-Identifier: Apache-2.0
"""What ../faults_test.py plays: connections cut, programs killed, two at once, secrets, memory."""
