# SPDX-License-Identifier: GPL-2.0
# xenstore is one program with many names.

XENSTORE_NAMES := ls read write list rm watch chmod exists control

.PHONY: xenstore-links
tools-install: xenstore-links
xenstore-links:
	$(Q)mkdir -p $(DESTDIR)$(PREFIX)/sbin
	$(Q)for n in $(XENSTORE_NAMES); do \
		ln -sf xenstore $(DESTDIR)$(PREFIX)/sbin/xenstore-$$n; done
