/* Powers of ten. Stands on no other file. */
#ifndef MOONWHEEL_BRIDGE_POWERS_OF_TEN_H
#define MOONWHEEL_BRIDGE_POWERS_OF_TEN_H

#include <stdint.h>

enum { MW_LOWEST_POWER = -292, MW_HIGHEST_POWER = 324 };
extern const uint64_t mw_powers_of_ten[MW_HIGHEST_POWER - MW_LOWEST_POWER + 1][2]; /* the upper half first */

#endif
