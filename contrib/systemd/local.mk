# Units for systemd: one of the system's, with a user in a drop-in, and one of each user's.
SYSTEMD_UNITS = %D%/brummer-system.service %D%/brummer-user.service
EXTRA_DIST += %D%/brummer-system.service.in %D%/brummer-user.service.in
CLEANFILES += $(SYSTEMD_UNITS)
systemdsystemdir = $(prefix)/lib/systemd/system
systemduserdir = $(prefix)/lib/systemd/user

all-local: $(SYSTEMD_UNITS)
%D%/brummer-system.service: $(srcdir)/%D%/brummer-system.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && sed 's|@sbindir[@]|$(sbindir)|' $(srcdir)/%D%/brummer-system.service.in >$@
%D%/brummer-user.service: $(srcdir)/%D%/brummer-user.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && sed 's|@sbindir[@]|$(sbindir)|' $(srcdir)/%D%/brummer-user.service.in >$@

install-data-local: install-units
uninstall-local: uninstall-units
.PHONY: install-units uninstall-units
install-units: $(SYSTEMD_UNITS)
	$(MKDIR_P) "$(DESTDIR)$(systemdsystemdir)" "$(DESTDIR)$(systemduserdir)"
	$(INSTALL_DATA) %D%/brummer-system.service "$(DESTDIR)$(systemdsystemdir)/brummer@.service"
	$(INSTALL_DATA) %D%/brummer-user.service "$(DESTDIR)$(systemduserdir)/brummer@.service"
uninstall-units:
	rm -f "$(DESTDIR)$(systemdsystemdir)/brummer@.service" "$(DESTDIR)$(systemduserdir)/brummer@.service"
