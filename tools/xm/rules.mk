# SPDX-License-Identifier: GPL-2.0
# xm starts for every command: static and without libxml2 it is up in a
# fraction of the time that the dynamic linker would take.
$(TOOL_OUT)/xm: TOOL_LIBS :=
ifeq ($(SAN),)
$(TOOL_OUT)/xm: TOOL_LDFLAGS += -static
endif
