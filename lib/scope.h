/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope cleanup: a resource is declared with AUTO_* where it is created and released when the scope
 * ends, unless it is handed over with TAKE_PTR or TAKE_FD.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void scope_free(void *p)
{
	free(*(void **)p);
}

static inline void scope_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void scope_fclose(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline void scope_closedir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

#define AUTO_FREE CLEANUP(scope_free)
#define AUTO_CLOSE CLEANUP(scope_close)
#define AUTO_FCLOSE CLEANUP(scope_fclose)
#define AUTO_CLOSEDIR CLEANUP(scope_closedir)

#define TAKE_PTR(p)                     \
	({                              \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;             \
		taken_;                 \
	})
#define TAKE_FD(fd)               \
	({                        \
		int taken_ = (fd); \
		(fd) = -1;        \
		taken_;           \
	})

/* Beside a destructor `void fn(struct type *)` that accepts NULL: gives `AUTO(fn)` for pointers. */
#define DEFINE_AUTO(type, fn)                          \
	static inline void scope_auto_##fn(type **p)   \
	{                                              \
		if (*p)                                \
			fn(*p);                        \
	}                                              \
	struct scope_swallow_semicolon_
#define AUTO(fn) CLEANUP(scope_auto_##fn)
