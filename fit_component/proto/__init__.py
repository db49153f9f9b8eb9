# SPDX-License-Identifier: Apache-2.0
"""The contract: fit_args.proto and the code generated from it."""
