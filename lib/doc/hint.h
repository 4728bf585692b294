/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libyaml's messages mean for someone who only wanted to write a configuration. Pure.
 */
#pragma once

/* What to do about a problem, in parentheses after it; NULL when there is nothing to add. */
const char *hint_find(const char *problem);
