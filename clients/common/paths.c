/* SPDX-License-Identifier: MIT */
#include "clients/common/backend.h"

source_opener *const source_openers[] = {[READ_SHM] = source_open_shm, [READ_RPC] = source_open_rpc};
