/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prelink FILE…: gives position-independent programs a fixed address, in place, while the system
 * image is built.
 *
 * Debian's dockerd is a PIE with 330 000 relative relocations. At each start they dirty 8.4 MB of
 * its pages, in each of the two daemons. Applied here, those pages stay clean, shared and in the
 * page cache (docs/decisions.md has the figures). What is lost is the random base address, which
 * containerd and the shims, as Debian builds them, do not have either.
 *
 * Only what such a program consists of is understood: relocations RELATIVE (all of them first, as
 * DT_RELACOUNT says), GLOB_DAT, JUMP_SLOT and TPOFF64. Anything else is an error, and the file is
 * left as it was. A program that has a fixed address already is left alone.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where Linux programs of a fixed address usually lie. */
#define BASE 0x400000ull

struct image {
	const char *name;
	uint8_t *bytes;
	size_t size;
	Elf64_Ehdr *head;
	Elf64_Phdr *segments;
};

static bool fail(const struct image *im, const char *what)
{
	fprintf(stderr, "prelink: %s: %s\n", im->name, what);
	return false;
}

/* The bytes of a file's part, NULL where it ends before. */
static void *at(const struct image *im, uint64_t offset, uint64_t len)
{
	return offset <= im->size && len <= im->size - offset ? im->bytes + offset : NULL;
}

/* The bytes that are loaded at an address, before it is moved. */
static void *loaded(const struct image *im, uint64_t addr, uint64_t len)
{
	for (int i = 0; i < im->head->e_phnum; i++) {
		const Elf64_Phdr *p = &im->segments[i];

		if (p->p_type == PT_LOAD && addr >= p->p_vaddr && len <= p->p_filesz &&
		    addr - p->p_vaddr <= p->p_filesz - len)
			return at(im, p->p_offset + (addr - p->p_vaddr), len);
	}
	return NULL;
}

static Elf64_Dyn *dynamic(const struct image *im)
{
	for (int i = 0; i < im->head->e_phnum; i++) {
		const Elf64_Phdr *p = &im->segments[i];

		if (p->p_type == PT_DYNAMIC)
			return at(im, p->p_offset, p->p_filesz);
	}
	return NULL;
}

static Elf64_Dyn *tag(Elf64_Dyn *d, int64_t which)
{
	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == which)
			return d;
	return NULL;
}

static uint64_t value(Elf64_Dyn *d, int64_t which)
{
	const Elf64_Dyn *found = tag(d, which);

	return found ? found->d_un.d_val : 0;
}

/* Every relative relocation is done, and its entry cleared so that it costs no space. */
static bool apply_relative(const struct image *im, Elf64_Rela *rela, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *slot = loaded(im, rela[i].r_offset, sizeof(*slot));

		if (!slot || ELF64_R_TYPE(rela[i].r_info) != R_X86_64_RELATIVE)
			return fail(im, "a relative relocation is not where it should be");
		*slot = (uint64_t)rela[i].r_addend + BASE;
	}
	memset(rela, 0, n * sizeof(*rela));
	return true;
}

/* The rest is the dynamic linker's; only their places move, and what lazy binding finds there. */
static bool move_rest(const struct image *im, Elf64_Rela *rela, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *slot = loaded(im, rela[i].r_offset, sizeof(*slot));
		uint64_t type = ELF64_R_TYPE(rela[i].r_info);

		/* What a TPOFF64 adds is an offset in thread-local memory, which does not move. */
		if (!slot || (type != R_X86_64_GLOB_DAT && type != R_X86_64_JUMP_SLOT &&
			      type != R_X86_64_TPOFF64))
			return fail(im, "a relocation of a kind that is not understood");
		if (type == R_X86_64_JUMP_SLOT)
			*slot += BASE;
		rela[i].r_offset += BASE;
	}
	return true;
}

static bool relocate(const struct image *im, Elf64_Dyn *d)
{
	const size_t entry = sizeof(Elf64_Rela);
	const size_t n = value(d, DT_RELASZ) / entry, n_plt = value(d, DT_PLTRELSZ) / entry;
	const size_t relative = value(d, DT_RELACOUNT);
	Elf64_Rela *rela = loaded(im, value(d, DT_RELA), n * entry);
	Elf64_Rela *plt = loaded(im, value(d, DT_JMPREL), n_plt * entry);

	if (!rela || relative > n || (n_plt && !plt) || tag(d, DT_TEXTREL) || tag(d, DT_RELR))
		return fail(im, "relocations of a form that is not understood");
	if (!apply_relative(im, rela, relative) || !move_rest(im, rela + relative, n - relative) ||
	    (n_plt && !move_rest(im, plt, n_plt)))
		return false;
	tag(d, DT_RELA)->d_un.d_ptr += relative * entry;
	tag(d, DT_RELASZ)->d_un.d_val -= relative * entry;
	if (relative)
		tag(d, DT_RELACOUNT)->d_un.d_val = 0;
	return true;
}

/* The symbols that the program itself defines; their names follow the table, which ends it. */
static bool move_symbols(const struct image *im, Elf64_Dyn *d)
{
	const uint64_t symtab = value(d, DT_SYMTAB), strtab = value(d, DT_STRTAB);
	const size_t n = strtab > symtab ? (strtab - symtab) / sizeof(Elf64_Sym) : 0;
	Elf64_Sym *sym = loaded(im, symtab, n * sizeof(*sym));

	if (!n || !sym)
		return fail(im, "the symbols are not followed by their names");
	for (size_t i = 0; i < n; i++) {
		if (sym[i].st_shndx != SHN_UNDEF && sym[i].st_shndx < SHN_LORESERVE &&
		    ELF64_ST_TYPE(sym[i].st_info) != STT_TLS)
			sym[i].st_value += BASE;
	}
	return true;
}

static bool is_address(int64_t which)
{
	static const int64_t all[] = { DT_PLTGOT, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_INIT,
				       DT_FINI, DT_JMPREL, DT_INIT_ARRAY, DT_FINI_ARRAY,
				       DT_PREINIT_ARRAY, DT_GNU_HASH, DT_VERSYM, DT_VERNEED,
				       DT_VERDEF };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] == which)
			return true;
	return false;
}

static void move_headers(const struct image *im, Elf64_Dyn *d)
{
	Elf64_Shdr *sections = at(im, im->head->e_shoff, im->head->e_shnum * sizeof(*sections));

	for (; d->d_tag != DT_NULL; d++) {
		if (is_address(d->d_tag))
			d->d_un.d_ptr += BASE;
		else if (d->d_tag == DT_FLAGS_1)
			d->d_un.d_val &= ~(uint64_t)DF_1_PIE;
	}
	for (int i = 0; sections && i < im->head->e_shnum; i++)
		if (sections[i].sh_flags & SHF_ALLOC)
			sections[i].sh_addr += BASE;
	for (int i = 0; i < im->head->e_phnum; i++) {
		if (im->segments[i].p_type == PT_GNU_STACK)
			continue;
		im->segments[i].p_vaddr += BASE;
		im->segments[i].p_paddr += BASE;
	}
	im->head->e_entry += BASE;
	im->head->e_type = ET_EXEC;
}

static bool prelink(struct image *im)
{
	Elf64_Dyn *d;

	im->head = at(im, 0, sizeof(*im->head));
	if (!im->head || memcmp(im->head->e_ident, ELFMAG, SELFMAG) ||
	    im->head->e_ident[EI_CLASS] != ELFCLASS64 || im->head->e_machine != EM_X86_64)
		return fail(im, "no x86-64 program");
	if (im->head->e_type == ET_EXEC)
		return true;
	im->segments = at(im, im->head->e_phoff, im->head->e_phnum * sizeof(*im->segments));
	d = im->segments ? dynamic(im) : NULL;
	if (!d || !(value(d, DT_FLAGS_1) & DF_1_PIE) || !tag(d, DT_RELA) || !tag(d, DT_RELASZ))
		return fail(im, "no position-independent program");
	if (!relocate(im, d) || !move_symbols(im, d))
		return false;
	move_headers(im, d);
	return true;
}

/* Changed in memory first: a file of which anything is not understood stays as it was. */
static bool run(const char *name)
{
	struct image im = { .name = name };
	struct stat st;
	bool ok = false;
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(&im, strerror(errno));
	im.size = (size_t)st.st_size;
	im.bytes = mmap(NULL, im.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (im.bytes == MAP_FAILED)
		fail(&im, strerror(errno));
	else if (prelink(&im))
		ok = pwrite(fd, im.bytes, im.size, 0) == st.st_size ||
		     fail(&im, "cannot be written");
	(void)close(fd);
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = argc > 1;

	for (int i = 1; i < argc; i++)
		ok = run(argv[i]) && ok;
	return ok ? 0 : 1;
}
