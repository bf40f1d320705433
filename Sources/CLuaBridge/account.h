/* What the states of one script and the host hold for it together, and the totals of the process. Stands on no other
 * file. */
#ifndef MOONWHEEL_BRIDGE_ACCOUNT_H
#define MOONWHEEL_BRIDGE_ACCOUNT_H

#include "state.h"

/* Bytes that the host keeps, of this account and of the one above it. */
size_t mw_account_all_kept(const mw_account *account);

/* Counts bytes that a state takes from the system. False if they would exceed the room of the account or of the
 * process, unless `must`. The account may be NULL. */
bool mw_account_reserve(mw_account *account, size_t bytes, bool must);
void mw_account_unreserve(mw_account *account, size_t bytes);

#endif
