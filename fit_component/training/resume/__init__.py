# SPDX-License-Identifier: Apache-2.0
"""Trainings that go on after an interruption: what is saved, where, and how it is taken up."""
