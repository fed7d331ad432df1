# SPDX-License-Identifier: ISC
"""What the parts share."""
