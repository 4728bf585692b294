/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module-request: what the kernel runs (kernel.modprobe) when it wants a module; kmod's modprobe
 * with one exception. dockerd finds out for which other processors it could build by running a
 * program of each, and each time the kernel asks for a module that could load it. There is none,
 * but modprobe takes 40 ms in an emulator to find that out, 18 times in a boot on the way to user
 * Docker.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODPROBE "/sbin/modprobe"

/* "binfmt-%04x" of bytes 2 and 3 of a program: "LF" of every ELF file that cannot run here. An
 * interpreter of such files is registered in binfmt_misc, which is no module of that name. */
#define FOREIGN_ELF "binfmt-464c"

int main(int argc, char **argv)
{
	static char name[] = MODPROBE;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], FOREIGN_ELF))
			return 1;
	}
	/* kmod is one program that does what its name says. */
	argv[0] = name;
	(void)execv(MODPROBE, argv);
	perror(MODPROBE);
	return 1;
}
