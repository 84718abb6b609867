# Completion of brummer-cli: installed where the shells look, and printed by `brummer-cli completion SHELL`.
EXTRA_DIST += %D%/brummer-cli.bash %D%/brummer-cli.fish %D%/brummer-cli.zsh

install-data-local: install-completion
uninstall-local: uninstall-completion
.PHONY: install-completion uninstall-completion
install-completion:
	$(MKDIR_P) "$(DESTDIR)$(datadir)/bash-completion/completions" "$(DESTDIR)$(datadir)/zsh/site-functions" \
		"$(DESTDIR)$(datadir)/fish/vendor_completions.d"
	$(INSTALL_DATA) "$(srcdir)/%D%/brummer-cli.bash" "$(DESTDIR)$(datadir)/bash-completion/completions/brummer-cli"
	$(INSTALL_DATA) "$(srcdir)/%D%/brummer-cli.zsh" "$(DESTDIR)$(datadir)/zsh/site-functions/_brummer-cli"
	$(INSTALL_DATA) "$(srcdir)/%D%/brummer-cli.fish" "$(DESTDIR)$(datadir)/fish/vendor_completions.d/brummer-cli.fish"
uninstall-completion:
	rm -f "$(DESTDIR)$(datadir)/bash-completion/completions/brummer-cli" \
		"$(DESTDIR)$(datadir)/zsh/site-functions/_brummer-cli" \
		"$(DESTDIR)$(datadir)/fish/vendor_completions.d/brummer-cli.fish"
