# SPDX-License-Identifier: Apache-2.0
"""What fit_component has logged: TensorFlow logs too, by what ran in the process before."""


def own_records(caplog):
    """The records of our own loggers."""
    return [record for record in caplog.records if record.name.startswith("fit_component")]


def own_messages(caplog):
    """Their texts."""
    return [record.getMessage() for record in own_records(caplog)]
