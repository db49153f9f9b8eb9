# SPDX-License-Identifier: Apache-2.0
"""What surrounds `Model.fit`: how its data is read."""
