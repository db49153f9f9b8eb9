# SPDX-License-Identifier: Apache-2.0
"""Settings into live objects: callbacks, strategies, arguments of fit."""
