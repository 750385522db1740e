# Shared by ops/run, ops/test and ops/bench: what a bare Debian machine lacks, the build, a PostgreSQL of our own.
# Sourced by bash with `set -euo pipefail`; ROOT is the source tree. Everything is safe to repeat.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
DEPLOYMENT="${CAIRN_DIRECTORY:-$ROOT/.cairn}"
BUILD_FLAGS=(--configuration release -Xswiftc -enable-testing)
BIN="$ROOT/.build/release"
STARTED=$SECONDS
# Our own programs write English, whatever the machine speaks: some of it is looked at here.
export LC_ALL=C.UTF-8

say() { printf '[%4ds] %s\n' "$((SECONDS - STARTED))" "$*"; }
fail() {
  printf 'ops: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  next: %s\n' "$line" >&2; done
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# --- What has to be installed -------------------------------------------------------------------------------------

postgres_bin() {
  local folder
  if [ -n "${CAIRN_POSTGRES_BIN:-}" ]; then echo "$CAIRN_POSTGRES_BIN"; return; fi
  folder="$(ls --directory /usr/lib/postgresql/*/bin 2>/dev/null | sort --version-sort | tail -n 1)"
  if [ -n "$folder" ] && [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
  if command -v initdb >/dev/null; then dirname "$(command -v initdb)"; fi
}

# install_packages [extra package…]: only what is missing is asked for.
install_packages() {
  local missing=()
  [ -e /usr/include/zmq.h ] || missing+=(libzmq3-dev)
  { command -v pg_config >/dev/null && [ -e "$(pg_config --includedir)/libpq-fe.h" ]; } || missing+=(libpq-dev)
  [ -n "$(postgres_bin)" ] || missing+=(postgresql)
  command -v curl >/dev/null || missing+=(curl)
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  missing+=("$@")
  [ "${#missing[@]}" -eq 0 ] && return
  command -v apt-get >/dev/null || fail "these are missing: ${missing[*]}" "install them; this is no Debian machine, so ops/run cannot"
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    fail "these are missing: ${missing[*]}" "apt-get install ${missing[*]} as root, then run this again"
  say "installing ${missing[*]}"
  as_root apt-get update --quiet=2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}" >/dev/null
}

require_swift() {
  if ! command -v swift >/dev/null; then
    for folder in /opt/swift/usr/bin "$HOME/swift/usr/bin" "$HOME/.local/share/swiftly/bin"; do
      if [ -x "$folder/swift" ]; then PATH="$folder:$PATH"; break; fi
    done
  fi
  local version=""
  command -v swift >/dev/null && version="$(swift --version 2>/dev/null | sed --quiet 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
  if [ -z "$version" ] || [ "$(printf '6.2\n%s\n' "$version" | sort --version-sort | head -n 1)" != 6.2 ]; then
    cat >&2 <<'MESSAGE'
ops: Cairn is built with Swift 6.2 or newer, and there is none on this machine (or an older one).
  next: get the toolchain for your Linux from https://www.swift.org/install/linux/ (the tarball), then
          mkdir --parents "$HOME/swift"
          tar --extract --gzip --strip-components 1 --directory "$HOME/swift" --file swift-6.*-RELEASE-*.tar.gz
          export PATH="$HOME/swift/usr/bin:$PATH"
        and run this again. Debian needs for it: binutils gcc libc6-dev libstdc++-12-dev libcurl4 libxml2 git unzip.
MESSAGE
    exit 1
  fi
}

# --- The folder ---------------------------------------------------------------------------------------------------

make_folder() {
  # Passable, since the database's files may lie below it; what is secret in it has its own rights.
  mkdir --parents "$DEPLOYMENT/logs"
  chmod 711 "$DEPLOYMENT"
  chmod 700 "$DEPLOYMENT/logs"
}

short_hash() { printf '%s' "$DEPLOYMENT" | sha256sum | cut --characters 1-8; }

# --- PostgreSQL ---------------------------------------------------------------------------------------------------

# As root the server belongs to the user postgres, since it refuses to run as root; otherwise to us.
as_database_owner() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser --user postgres -- "$@")
  else
    "$@"
  fi
}

database_owner() { if [ "$(id -u)" -eq 0 ]; then echo postgres; else id --user --name; fi; }

# Where the server's files are, and the short folder of its socket.
locate_database() {
  PG_BIN="$(postgres_bin)"
  PG_DATA="$DEPLOYMENT/postgres"
  if [ "$(id -u)" -eq 0 ]; then
    if [ ! -e "$PG_DATA/PG_VERSION" ] && ! as_database_owner test -x "$DEPLOYMENT"; then
      PG_DATA="/var/lib/cairn-$(short_hash)/postgres"
    fi
    PG_SOCKET="/run/cairn-$(short_hash)"
  elif [ -n "${XDG_RUNTIME_DIR:-}" ] && [ -w "$XDG_RUNTIME_DIR" ] && [ "${#XDG_RUNTIME_DIR}" -lt 60 ]; then
    PG_SOCKET="$XDG_RUNTIME_DIR/cairn-$(short_hash)"
  else
    PG_SOCKET="/tmp/cairn-$(id --user)-$(short_hash)"
  fi
  DATABASE_URL="postgres:///cairn?host=$PG_SOCKET"
  PASSFILE="$DEPLOYMENT/pgpass"
}

# make_owned FOLDER: belongs to the database's owner, closed to others. Somebody else's folder is not taken for ours.
make_owned() {
  local owner
  owner="$(database_owner)"
  if [ ! -d "$1" ]; then
    mkdir --parents "$(dirname "$1")"
    mkdir --mode 700 "$1"
    chown "$owner" "$1"
  fi
  [ "$(stat --format %U "$1")" = "$owner" ] && [ ! -L "$1" ] || fail "$1 belongs to somebody else" "remove it, or set CAIRN_DIRECTORY"
}

write_as_owner() { as_database_owner sh -c 'umask 077 && cat > "$0"' "$1"; }

start_database() {
  make_folder
  locate_database
  make_owned "$PG_DATA"
  make_owned "$PG_SOCKET"
  if [ ! -e "$PG_DATA/PG_VERSION" ]; then
    say "making a PostgreSQL cluster in $PG_DATA"
    as_database_owner "$PG_BIN/initdb" --pgdata "$PG_DATA" --username postgres --data-checksums --encoding UTF8 \
      --locale C.UTF-8 --auth-local peer --auth-host reject >"$DEPLOYMENT/logs/initdb.log" ||
      fail "initdb failed; see $DEPLOYMENT/logs/initdb.log"
    as_database_owner sh -c 'echo "include_if_exists = '\''cairn.conf'\''" >> "$0"' "$PG_DATA/postgresql.conf"
  fi
  # No TCP; the services come through the socket with passwords, the superuser only as the server's own user.
  write_as_owner "$PG_DATA/cairn.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$PG_SOCKET'
unix_socket_permissions = 0700
port = 5432
max_connections = 200
shared_buffers = '256MB'
fsync = on
synchronous_commit = on
full_page_writes = on
max_wal_size = '2GB'
password_encryption = 'scram-sha-256'
log_line_prefix = '%m [%p] %u '
# What a violated constraint says would name identifiers of learners.
log_error_verbosity = 'terse'
CONF
  write_as_owner "$PG_DATA/pg_hba.conf" <<'HBA'
local  all    postgres  peer  map=cairn
local  cairn  all       scram-sha-256
HBA
  printf 'cairn %s postgres\n' "$(database_owner)" | write_as_owner "$PG_DATA/pg_ident.conf"
  if ! as_database_owner "$PG_BIN/pg_ctl" --pgdata "$PG_DATA" status >/dev/null 2>&1; then
    say "starting PostgreSQL"
    as_database_owner "$PG_BIN/pg_ctl" --pgdata "$PG_DATA" --wait --timeout 60 --log "$PG_DATA/server.log" start >/dev/null ||
      fail "PostgreSQL does not start; see $PG_DATA/server.log"
  fi
  make_roles
}

stop_database() {
  as_database_owner "$PG_BIN/pg_ctl" --pgdata "$PG_DATA" --wait --timeout 30 --mode fast stop >/dev/null 2>&1 || true
}

as_superuser() {
  as_database_owner "$PG_BIN/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$PG_SOCKET" --username postgres "$@"
}

DATABASE_ROLES=(cairn_owner cairn_records cairn_pathways cairn_assessment cairn_notifications)

# One role owns the schemas and migrates them; each service's role may read and write the rows of its own schema.
make_roles() {
  local role password
  if [ ! -e "$PASSFILE" ]; then
    (
      umask 077
      for role in "${DATABASE_ROLES[@]}"; do
        printf '*:*:cairn:%s:%s\n' "$role" "$(od --address-radix n --read-bytes 24 --format x1 /dev/urandom | tr --delete ' \n')"
      done >"$PASSFILE.new"
    )
    mv "$PASSFILE.new" "$PASSFILE"
  fi
  {
    while IFS=: read -r _ _ _ role password; do
      cat <<SQL
SELECT 'CREATE ROLE $role LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') \gexec
ALTER ROLE $role WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '$password';
SQL
    done <"$PASSFILE"
    cat <<'SQL'
SELECT 'CREATE DATABASE cairn OWNER cairn_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'cairn') \gexec
REVOKE ALL ON DATABASE cairn FROM PUBLIC;
GRANT CONNECT ON DATABASE cairn TO cairn_records, cairn_pathways, cairn_assessment, cairn_notifications;
SQL
  } | as_superuser --dbname postgres >/dev/null || fail "the roles could not be made"
  {
    echo "SET client_min_messages = warning;"
    echo "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
    echo "ALTER DEFAULT PRIVILEGES FOR ROLE cairn_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"
    for service in records pathways assessment notifications; do
      cat <<SQL
CREATE SCHEMA IF NOT EXISTS $service AUTHORIZATION cairn_owner;
GRANT USAGE ON SCHEMA $service TO cairn_$service;
ALTER DEFAULT PRIVILEGES FOR ROLE cairn_owner IN SCHEMA $service
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO cairn_$service;
ALTER DEFAULT PRIVILEGES FOR ROLE cairn_owner IN SCHEMA $service GRANT USAGE, SELECT ON SEQUENCES TO cairn_$service;
ALTER DEFAULT PRIVILEGES FOR ROLE cairn_owner IN SCHEMA $service GRANT EXECUTE ON FUNCTIONS TO cairn_$service;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO cairn_$service;
SQL
    done
    echo "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO cairn_owner;"
  } | as_superuser --dbname cairn >/dev/null || fail "the privileges could not be given"
}
