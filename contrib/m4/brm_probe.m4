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

# BRM_PROBE_STATIC(COMPILER, IF-IT-WORKS, ELSE, [FLAG]): can this compiler link a static program with the flags in use,
# and with another?
AC_DEFUN([BRM_PROBE_STATIC], [
  AC_MSG_CHECKING([whether $1 links static programs[]m4_ifval([$4], [ with $4])])
  brm_save_CC=$CC brm_save_CFLAGS=$CFLAGS brm_save_LDFLAGS=$LDFLAGS
  CC="$1"
  CFLAGS="$CFLAGS $BRM_CFLAGS $4"
  LDFLAGS="$LDFLAGS $BRM_LDFLAGS -static -Wl,--gc-sections"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[
    #include <sys/mman.h>
    #include <wchar.h>]], [[return wcwidth(L'a') + memfd_create("x", 0) < 0;]])], [brm_static=yes], [brm_static=no])
  CC=$brm_save_CC CFLAGS=$brm_save_CFLAGS LDFLAGS=$brm_save_LDFLAGS
  AC_MSG_RESULT([$brm_static])
  AS_IF([test $brm_static = yes], [$2], [$3])
])
