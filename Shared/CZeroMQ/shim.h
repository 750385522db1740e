#pragma once
#include <zmq.h>

/* Debian's zmq.h hides this option behind the draft API; the library itself honors it (MESSAGING §1). */
static const int CAIRN_ZMQ_ZAP_ENFORCE_DOMAIN = 93;
