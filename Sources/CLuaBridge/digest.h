/* SHA-256 (FIPS 180-4). Stands on no other file. */
#ifndef MOONWHEEL_BRIDGE_DIGEST_H
#define MOONWHEEL_BRIDGE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { MW_DIGEST = 32, MW_DIGEST_BLOCK = 64 };

typedef struct {
  uint32_t state[8];
  uint64_t length;                /* of the text so far, in bytes */
  uint8_t block[MW_DIGEST_BLOCK]; /* its end, which fills no block */
} mw_digest;

void mw_digest_begin(mw_digest *digest);
void mw_digest_add(mw_digest *digest, const void *bytes, size_t count);
void mw_digest_end(mw_digest *digest, uint8_t result[MW_DIGEST]);

#endif
