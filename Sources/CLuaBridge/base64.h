/* Bytes as text: base64 (RFC 4648) and hexadecimal digits. Stands on no other file. */
#ifndef MOONWHEEL_BRIDGE_BASE64_H
#define MOONWHEEL_BRIDGE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write whole groups of three bytes, and for the last part the rest; return the length. The text is 4/3 as long, or twice
 * as long for hexadecimal digits. The alphabet of URLs has no padding. */
size_t mw_write_base64(const uint8_t *bytes, size_t count, bool is_url, uint8_t *text);
size_t mw_write_hex(const uint8_t *bytes, size_t count, uint8_t *text);

/* Read whole groups of four characters, or the last part, of a text without padding; return how many characters are right
 * and write 3/4, or a half, as many bytes. A last hexadecimal digit without another one is left out. */
size_t mw_read_base64(const uint8_t *text, size_t count, bool is_url, uint8_t *bytes);
size_t mw_read_hex(const uint8_t *text, size_t count, uint8_t *bytes);

#endif
