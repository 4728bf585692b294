/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses the port. No iopl(2) is asked for, which kernels in lockdown refuse: the hypervisor
 * intercepts the access before the processor checks who makes it.
 */
#include "datasource/vmware_port.h"

#if defined(__x86_64__) || defined(__i386__)

static void access_port(void *arg, struct backdoor_regs *r)
{
	(void)arg;
	__asm__ volatile("inl %%dx, %%eax"
			 : "+a"(r->ax), "+b"(r->bx), "+c"(r->cx), "+d"(r->dx), "+S"(r->si),
			   "+D"(r->di)
			 :
			 : "memory", "cc");
}

const struct backdoor_port *vmware_port(void)
{
	static const struct backdoor_port port = { .in = access_port };

	return &port;
}

#else

const struct backdoor_port *vmware_port(void)
{
	return NULL;
}

#endif
