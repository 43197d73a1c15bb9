# SPDX-License-Identifier: GPL-2.0
# Where scripts, config files, man pages and the store clients' names go.

STORE_NAMES := $(addprefix xenstore-,ls read write list rm watch chmod exists \
	control)

.PHONY: tools-install-files
tools-install: tools-install-files
tools-install-files: DEST = $(DESTDIR)
tools-install-files: tools
	$(Q)install -d $(DEST)/etc/xen/auto $(DEST)/etc/xen/scripts
	$(Q)install -m 755 tools/hotplug/block tools/hotplug/vif-bridge \
		tools/hotplug/network-bridge $(DEST)/etc/xen/scripts/
	$(Q)install -m 644 tools/hotplug/common.sh $(DEST)/etc/xen/scripts/
	$(Q)install -m 644 tools/etc/xmexample1 $(DEST)/etc/xen/
	@# an administrator's own settings stay
	$(Q)for f in xen/xend-config.sxp:xend-config.sxp \
			default/xendomains:default-xendomains; do \
		[ -e $(DEST)/etc/$${f%%:*} ] || install -D -m 644 \
			tools/etc/$${f#*:} $(DEST)/etc/$${f%%:*}; \
	done
	$(Q)install -d $(DEST)/etc/init.d $(DEST)/usr/lib/systemd/system
	$(Q)install -m 755 tools/etc/init/xend tools/etc/init/xendomains \
		$(DEST)/etc/init.d/
	$(Q)install -m 644 tools/etc/units/* \
		$(DEST)/usr/lib/systemd/system/
	$(Q)install -D -m 755 tools/xendomains/xendomains \
		$(DEST)/usr/lib/xen/bin/xendomains
	$(Q)install -D -m 644 tools/etc/xm-completion.bash \
		$(DEST)$(PREFIX)/share/bash-completion/completions/xm
	$(Q)for page in $(wildcard tools/man/*.[0-9]); do \
		install -D -m 644 $$page $(DEST)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; \
	done
	$(Q)install -d $(DEST)$(PREFIX)/sbin
	$(Q)for name in $(STORE_NAMES); do \
		ln -sf xenstore $(DEST)$(PREFIX)/sbin/$$name; done
