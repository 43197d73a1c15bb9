# SPDX-License-Identifier: GPL-2.0
# Scripts, settings, service files and man pages, where systems expect them.

.PHONY: tools-install-files
tools-install: tools-install-files


tools-install-files:
	$(Q)for d in xen/auto xen/scripts default init.d; do \
		mkdir -p $(DESTDIR)/etc/$$d; \
	done
	$(Q)mkdir -p $(DESTDIR)/lib/systemd/system
	$(Q)mkdir -p $(DESTDIR)$(PREFIX)/lib/xen/bin \
		$(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(Q)install -m 755 tools/hotplug/block tools/hotplug/vif-bridge \
		tools/hotplug/network-bridge $(DESTDIR)/etc/xen/scripts/
	$(Q)install -m 644 tools/hotplug/common.sh $(DESTDIR)/etc/xen/scripts/
	$(Q)install -m 755 tools/xendomains/xendomains \
		$(DESTDIR)$(PREFIX)/lib/xen/bin/
	$(Q)install -m 644 tools/etc/xmexample1 $(DESTDIR)/etc/xen/
	@# settings that are there already stay
	$(Q)for f in xen/xend-config.sxp:xend-config.sxp \
			default/xendomains:default-xendomains; do \
		to=$(DESTDIR)/etc/$${f%%:*}; \
		[ -e $$to ] || install -m 644 tools/etc/$${f#*:} $$to; \
	done
	$(Q)install -m 755 tools/etc/init/xend tools/etc/init/xendomains \
		$(DESTDIR)/etc/init.d/
	$(Q)install -m 644 tools/etc/units/*.service \
		$(DESTDIR)/lib/systemd/system/
	$(Q)install -m 644 tools/etc/xm-completion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/xm
	$(Q)install -m 644 tools/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	$(Q)install -m 644 tools/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5/
