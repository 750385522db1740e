#pragma once
#include <libpq-fe.h>

/* These are character macros in libpq, which Swift does not import. */
static const int CAIRN_PG_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int CAIRN_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int CAIRN_PG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int CAIRN_PG_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;
static const int CAIRN_PG_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;
static const int CAIRN_PG_DIAG_SOURCE_FUNCTION = PG_DIAG_SOURCE_FUNCTION;
