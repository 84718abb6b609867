# The protocols against the memory model, and against a writer that is killed.
TESTS += %D%/release_acquire.py %D%/spin.sh
dist_check_SCRIPTS += %D%/release_acquire.py %D%/spin.sh
EXTRA_DIST += %D%/bell.pml %D%/claim.pml
