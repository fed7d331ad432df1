# SPDX-License-Identifier: ISC
"""One module a part of bench/run."""
