#include "digest.h"

#include <string.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t right(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

static uint32_t word_at(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_word(uint8_t *at, uint32_t word) {
  for (int i = 3; i >= 0; i--, word >>= 8) at[i] = (uint8_t)word;
}

static void add_block(uint32_t state[8], const uint8_t block[MW_DIGEST_BLOCK]) {
  uint32_t w[64], a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 16; i++) w[i] = word_at(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (right(x, 7) ^ right(x, 18) ^ x >> 3) + (right(y, 17) ^ right(y, 19) ^ y >> 10);
  }
  for (int i = 0; i < 64; i++) {
    uint32_t first = h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t second = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const uint32_t added[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) state[i] += added[i];
}

void mw_digest_begin(mw_digest *digest) {
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(digest->state, start, sizeof start);
  digest->length = 0;
}

void mw_digest_add(mw_digest *digest, const void *bytes, size_t count) {
  const uint8_t *at = bytes;
  size_t filled = digest->length % MW_DIGEST_BLOCK;
  digest->length += count;
  if (filled) {
    size_t part = MW_DIGEST_BLOCK - filled < count ? MW_DIGEST_BLOCK - filled : count;
    memcpy(digest->block + filled, at, part);
    if (filled + part < MW_DIGEST_BLOCK) return;
    add_block(digest->state, digest->block);
    at += part;
    count -= part;
  }
  for (; count >= MW_DIGEST_BLOCK; at += MW_DIGEST_BLOCK, count -= MW_DIGEST_BLOCK) add_block(digest->state, at);
  if (count) memcpy(digest->block, at, count);
}

void mw_digest_end(mw_digest *digest, uint8_t result[MW_DIGEST]) {
  static const uint8_t padding[MW_DIGEST_BLOCK] = {0x80};
  uint64_t bits = digest->length * 8;
  size_t filled = digest->length % MW_DIGEST_BLOCK;
  uint8_t length[8];
  put_word(length, (uint32_t)(bits >> 32));
  put_word(length + 4, (uint32_t)bits);
  mw_digest_add(digest, padding, (filled < 56 ? 56 : 120) - filled);
  mw_digest_add(digest, length, sizeof length);
  for (int i = 0; i < 8; i++) put_word(result + 4 * i, digest->state[i]);
}

void mw_sha256(const void *bytes, size_t count, uint8_t *result) {
  mw_digest digest;
  mw_digest_begin(&digest);
  if (count > 0) mw_digest_add(&digest, bytes, count);
  mw_digest_end(&digest, result);
}
