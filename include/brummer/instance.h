/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_INSTANCE_H
#define BRUMMER_INSTANCE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/instance.h - names and places of an instance
 *
 * One supervisor serves one project directory: an instance. Its name is the directory's basename, with bytes outside
 * [A-Za-z0-9._-] as '_' and cut at 64, then '-' and the FNV-1a-32 hash of its real path in 8 hexadecimal digits.
 * From the name follow the region (a POSIX shared-memory object "/brummer.UID.NAME"), the runtime directory (lock and
 * control socket) and the state directory (logs).
 *
 * Errors   Functions return 0 or a negated errno value and leave their outputs untouched.
 * Threads  Pure, but for the environment (XDG_RUNTIME_DIR, XDG_STATE_HOME, HOME, BRUMMER_INSTANCE) and the file system.
 */

#define BRM_INSTANCE_MAX 80   /* bytes of a name, NUL included */
#define BRM_REGION_MAX   112  /* bytes of a region's name, leading '/' and NUL included */
#define BRM_PATH_MAX     4096 /* bytes of a path, NUL included: PATH_MAX, which not every mode of the compiler tells */
#define BRM_FILE_MAX     256  /* bytes of one component of a path, NUL included */

struct brm_instance {
	char name[BRM_INSTANCE_MAX];
	char region[BRM_REGION_MAX];
	char control[108];              /* socket path; fits sun_path */
	char dir[BRM_PATH_MAX];         /* real path of the project; "" when only the name is known */
	char runtime_dir[BRM_PATH_MAX]; /* 0700; made by brm_instance_make_places() */
	char lock[BRM_PATH_MAX];
	char state_dir[BRM_PATH_MAX]; /* holds one log store a process */
};

/*
 * The instance of a directory, whether or not it is running.
 *
 *  -ENOENT, -EACCES, -ENOTDIR   dir cannot be resolved
 *  -ENAMETOOLONG                a place would not fit
 */
int brm_instance_of_dir(const char *dir, struct brm_instance *out);

/*
 * The instance of a name, as --instance and BRUMMER_INSTANCE give it.
 *
 *  -EINVAL  not a name of an instance (empty, '/', too long, a byte outside [A-Za-z0-9._-])
 */
int brm_instance_of_name(const char *name, struct brm_instance *out);

/*
 * The region alone of an instance of that name: all that reading its states takes.
 *
 *  -EINVAL  as above
 */
int brm_instance_region(const char *name, char out[BRM_REGION_MAX]);

/*
 * Make runtime_dir and state_dir, each level 0700 and mine.
 *
 *  -EPERM   a level exists and belongs to somebody else, or others may write to it
 */
int brm_instance_make_places(const struct brm_instance *instance);

/*
 * Call each(name of the instance, name of its region, arg) for every region object of this user, in name order;
 * a non-zero return ends the walk and is returned.
 */
int brm_instance_each(int (*each)(const char *name, const char *region, void *arg), void *arg);

/* A process name as one path component: bytes outside [A-Za-z0-9._-] as %XX, a leading '.' too. -ENAMETOOLONG */
int brm_name_to_path(const char *name, char out[BRM_FILE_MAX]);

#ifdef __cplusplus
}
#endif

#endif
