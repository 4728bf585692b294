/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 must not end: a crash in it starts it again, from its own file in memory, into the recovery
 * console; containers go on meanwhile.
 */
#pragma once

/* Catch the signals of crashes. */
void crash_install(void);
/* What the new self is told: "signal 11 (Segmentation fault)"; `arg` is what crash_install's
 * handler passed in argv[2]. */
void crash_text(const char *arg, char *text, unsigned long size);
/* The word in argv[1] of a restarted init. */
#define CRASH_WORD "--crashed"
