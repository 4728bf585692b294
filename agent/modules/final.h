/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the boot: modules that want the whole machine up.
 */
#pragma once

/* "reboot 5": what power_state asks for, and in how many minutes. */
#define FINAL_POWER "/run/ros/power-state"
