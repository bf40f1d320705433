/* Random bytes. Stands on state. */
#ifndef MOONWHEEL_BRIDGE_RANDOM_H
#define MOONWHEEL_BRIDGE_RANDOM_H

#include "state.h"

/* From the system; in a simulated isolate from its seed, so that runs are alike. False if the system has none. */
bool mw_random_bytes(mw_isolate *isolate, uint8_t *bytes, size_t count);

/* A UUID of RFC 9562: of version 4 random, of version 7 with the host's time, each after the one before. */
enum { MW_UUID_TEXT = 36 };
bool mw_write_uuid(mw_isolate *isolate, int version, char text[MW_UUID_TEXT]);

#endif
