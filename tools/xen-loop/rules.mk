# SPDX-License-Identifier: GPL-2.0
# Run by a script for every disk: static, so that it is up at once.
$(TOOL_OUT)/xen-loop: TOOL_LIBS :=
ifeq ($(SAN),)
$(TOOL_OUT)/xen-loop: TOOL_LDFLAGS += -static
endif
