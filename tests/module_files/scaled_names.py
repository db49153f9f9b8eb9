# SPDX-License-Identifier: Apache-2.0
"""What scaled.py imports from beside it."""

NUMBER, WORD = "x", "word"
