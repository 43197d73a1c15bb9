# SPDX-License-Identifier: GPL-2.0
# tests/abi: our shared structures beside the published ones.

.PHONY: check-abi
check-abi: ## compare guest-abi/ with libxen-dev's headers
	tests/abi/check --cc "$(CC)"
