# SPDX-License-Identifier: Apache-2.0
"""What AutoGraph leaves alone in tests, and in processes that they start to save time."""


def leave_keras_alone():
    """Keeps AutoGraph from converting tf_keras, which takes up to 20 s for a process's first fit.

    TensorFlow leaves Keras' own code alone by its name, which is another one since tf_keras is a
    package of its own.
    """
    from tensorflow.python.autograph.core import config

    rule = config.DoNotConvert("tf_keras")
    if str(rule) not in map(str, config.CONVERSION_RULES):
        config.CONVERSION_RULES = (rule, *config.CONVERSION_RULES)
