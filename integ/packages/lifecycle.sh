#!/bin/bash
# SPDX-License-Identifier: ISC
# usage: integ/packages/box DIRECTORY integ/packages/lifecycle.sh PACKAGE NEWER SOURCE
#
# A package is installed, works, is upgraded, removed and purged, under systemd.
# A system call that the unit forbids ends the process, instead of failing: so
# whatever the filter is too narrow for is noticed.
set -eux
package=$1
newer=$2
source=$3

dropin=/etc/systemd/system/rrdnsd.service.d
mkdir -p $dropin
printf '[Service]\nSystemCallErrorNumber=kill\n' >$dropin/kill.conf

# A fresh install runs as its own user and watches nothing.
dpkg -i "$package"
systemctl is-active rrdnsd
systemctl is-enabled rrdnsd
[ "$(ps -o user= -p "$(systemctl show -P MainPID rrdnsd)")" = rrdnsd ]
[ "$(rrdnsctl --json status | jq -c .services)" = '[]' ]
[ "$(ss -Hltn | awk '{ print $4 }')" = 127.0.0.1:3333 ]
exposure=$(systemd-analyze security rrdnsd --no-pager | awk '/Overall exposure/ { print $(NF - 2) }')
awk -v x="$exposure" 'BEGIN { exit !(x > 0 && x < 1.5) }'

# The package's own test: a record goes, and comes back.
"$source/debian/tests/failover"

# Programs as probes and hooks, TLS, UDP, reload, saved intents.
install -m 755 /dev/stdin /usr/local/bin/say-yes <<'EOF'
#!/bin/sh
exec /bin/true "$1"
EOF
install -m 755 /dev/stdin /usr/local/bin/remember <<'EOF'
#!/bin/sh
echo "$RRDNSD_EVENT $(date)" >>/var/lib/rrdnsd/remembered
EOF
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=a.rrdnsd.test \
	-addext subjectAltName=DNS:a.rrdnsd.test -keyout /root/key.pem -out /etc/rrdnsd/ca.pem
chmod 644 /etc/rrdnsd/ca.pem
openssl s_server -quiet -accept 127.0.0.1:8443 -www -cert /etc/rrdnsd/ca.pem -key /root/key.pem &
configure() {
	cat >/etc/rrdnsd.conf <<EOF
# Written by hand.
conf_version = 1;
local_node = "127.0.0.1:3333";
nodes = ( "127.0.0.1:3333" );
update_resolvers = ( "127.0.0.1:5353" );
update_transport = "udp";
update_timeout_ms = 300;
statsd = "127.0.0.1:8125";
webhooks = ( { url = "http://127.0.0.1:8099/"; events = ( "reload", "endpoint_up" ); } );
scripts = ( { path = "/usr/local/bin/remember"; events = ( "reload", "endpoint_up" ); } );
services = (
  { fqdn = "a.rrdnsd.test"; zone = "rrdnsd.test"; healthcheck = "https://{}:8443/";
    tls_ca_file = "/etc/rrdnsd/ca.pem"; ipaddrs = ( "127.0.0.1" ); },
  { fqdn = "b.rrdnsd.test"; zone = "rrdnsd.test"; healthcheck = "exec:/usr/local/bin/say-yes {}";
    ipaddrs = ( "127.0.0.4", "127.0.0.5" ); }$1
);
EOF
}
verdicts() { rrdnsctl --json status | jq -r '.services[].endpoints[].verdict' | xargs; }
expect() { # COMMAND... prints this, within 30 s
	local wanted=$1
	shift
	for _ in $(seq 150); do
		if [ "$("$@")" = "$wanted" ]; then return; fi
		sleep 0.2
	done
	"$@"
	rrdnsctl --json status
	journalctl --no-pager -u rrdnsd | tail -n 40
	exit 1
}
configure ""
systemctl start rrdnsd
expect 'up up up' verdicts
configure ', { fqdn = "c.rrdnsd.test"; zone = "rrdnsd.test"; healthcheck = "tls://{}:8443"; host = "a.rrdnsd.test"; tls_ca_file = "/etc/rrdnsd/ca.pem"; ipaddrs = ( "127.0.0.1" ); }'
systemctl reload rrdnsd
expect 'up up up up' verdicts
rrdnsctl maintenance on b.rrdnsd.test --reason upgrade
remembered() { grep -c endpoint_up /var/lib/rrdnsd/remembered; }
expect 4 remembered
maintenance() { rrdnsctl --json status | jq '[.services[] | select(.maintenance)] | length'; }
expect 1 maintenance
[ "$(systemctl show -P NRestarts rrdnsd)" = 0 ]
cp -p /etc/rrdnsd.conf /root/before.conf
started=$(systemctl show -P MainPID rrdnsd)

# An upgrade restarts it, and keeps configuration, keys and state.
dpkg -i "$newer"
systemctl is-active rrdnsd
[ "$(systemctl show -P MainPID rrdnsd)" != "$started" ]
cmp /etc/rrdnsd.conf /root/before.conf
expect 'up up up up' verdicts
expect 1 maintenance

# So does going back.
dpkg -i "$package"
cmp /etc/rrdnsd.conf /root/before.conf
expect 1 maintenance

# Nothing was ended by the filter.
if journalctl --no-pager -u rrdnsd | grep -E 'status=31/SYS|SIGSYS|dumped core|killed'; then exit 1; fi
[ "$(systemctl show -P NRestarts rrdnsd)" = 0 ]

# Removed, it leaves what is the administrator's.
dpkg -r rrdnsd
if systemctl is-active rrdnsd; then exit 1; fi
[ ! -e /usr/sbin/rrdnsd ]
cmp /etc/rrdnsd.conf /root/before.conf
[ -e /etc/rrdnsd/tsig.key ]
[ -e /var/lib/rrdnsd/state.json ]

# Installed again, it goes on.
dpkg -i "$package"
expect 1 maintenance

# Purged, it leaves nothing.
dpkg -P rrdnsd
[ ! -e /etc/rrdnsd.conf ]
[ ! -e /etc/rrdnsd ]
[ ! -e /var/lib/rrdnsd ]
[ ! -e /lib/systemd/system/rrdnsd.service ]
