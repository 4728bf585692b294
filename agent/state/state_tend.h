/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to the mounted state before anything uses it: a factory reset that was asked for,
 * and the reserve of space.
 */
#pragma once

void state_tend(void);
