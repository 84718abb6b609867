# BRM_PROBE_CFLAG(FLAG): append FLAG to BRM_CFLAGS if the compiler accepts it. Only positive forms: an unknown
# -Wno-... is accepted in silence.
AC_DEFUN([BRM_PROBE_CFLAG], [
  AC_MSG_CHECKING([whether $CC accepts $1])
  brm_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
    [AC_MSG_RESULT([yes]); BRM_CFLAGS="$BRM_CFLAGS $1"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$brm_save_CFLAGS
])
