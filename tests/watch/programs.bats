# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # jq and inner shells expand what is in single quotes
# Other programs: residual 0, and the totals that they print.

load watch

# iperf PORT OPTION...: a server and a client under one watch, one row per connection. The client's own report is in
# $MOVED.
iperf() {
	local port=$1
	shift
	watch --by socket -- sh -c 'port=$1; shift
		iperf3 --server --one-off --port "$port" > /dev/null 2>&1 & "$LISTENING" "$port"
		iperf3 --client "${HOST:-127.0.0.1}" --port "$port" --bytes 64M --json "$@"; wait' \
		iperf "$port" "$@"
	exact
}

# Besides the payload each of the test's connections carries iperf3's cookie of 37 bytes. Its control connection carries
# far less.
iperf_moved() {
	jq --argjson least 1000000 "[.runs[] | select(.$1 > \$least) | .$1] | add" "$LEDGER"
}

@test "iperf3" {
	iperf 5701
	[ "$(iperf_moved sent_bytes)" -eq $(($(jq .end.sum_sent.bytes "$MOVED") + 37)) ]
	[ "$(iperf_moved sites.send_copy.bytes)" -eq "$(iperf_moved sent_bytes)" ]
	[ "$(iperf_moved received_bytes)" -ge "$(jq .end.sum_received.bytes "$MOVED")" ]
}

@test "iperf3 -Z: sendfile" {
	iperf 5702 --zerocopy
	[ "$(iperf_moved sent_bytes)" -eq $(($(jq .end.sum_sent.bytes "$MOVED") + 37)) ]
	[ "$(iperf_moved sites.send_splice.bytes)" -eq "$(jq .end.sum_sent.bytes "$MOVED")" ]
}

@test "iperf3 -R: the server sends" {
	iperf 5703 --reverse
	[ "$(iperf_moved sent_bytes)" -eq "$(jq .end.sum_sent.bytes "$MOVED")" ]
}

@test "iperf3 -P 4: four connections, a row each" {
	iperf 5704 --parallel 4
	[ "$(iperf_moved sent_bytes)" -eq $(($(jq .end.sum_sent.bytes "$MOVED") + 4 * 37)) ]
	[ "$(jq '[.runs[] | select(.sent_bytes > 1000000)] | length' "$LEDGER")" -eq 4 ]
	jq -e '.runs | all(.socket.device == "lo" and (.socket.local | contains(":")))' "$LEDGER"
}

@test "iperf3 -6: IPv6" {
	HOST=::1 iperf 5705 -6
	[ "$(iperf_moved sent_bytes)" -eq $(($(jq .end.sum_sent.bytes "$MOVED") + 37)) ]
	jq -e '[.runs[] | select(.sent_bytes > 1000000)] | all(.socket.local | startswith("[::1]"))' "$LEDGER"
}

# serve SENDFILE PORT: nginx with one file of 10,000,000 bytes, in its own directory
serve() {
	local here=$BATS_TEST_TMPDIR/nginx
	mkdir -p "$here/files"
	chmod -R a+rx "$BATS_TEST_TMPDIR" "$here"
	head -c 10000000 /dev/zero > "$here/files/big"
	cat > "$here/conf" <<-END
		daemon off; master_process off; pid $here/pid; error_log $here/errors;
		events {}
		http {
			access_log off; sendfile $1; client_body_temp_path $here/a; proxy_temp_path $here/b;
			fastcgi_temp_path $here/c; uwsgi_temp_path $here/d; scgi_temp_path $here/e;
			server { listen 127.0.0.1:$2; location / { root $here/files; } }
		}
	END
}

# with_nginx SENDFILE PORT CLIENT...: the client's output is in $MOVED
with_nginx() {
	local sendfile=$1 port=$2
	shift 2
	serve "$sendfile" "$port"
	watch --by process -- sh -c 'conf=$1 port=$2; shift 2; /usr/sbin/nginx -p "${conf%/*}" -c "$conf" &
		"$LISTENING" "$port"; "$@"; kill $!; wait' nginx "$BATS_TEST_TMPDIR/nginx/conf" "$port" "$@"
	exact
}

@test "nginx with sendfile, and curl: no copy on the send side" {
	with_nginx on 5710 curl --silent --output /dev/null \
		--write-out '{"body": %{size_download}, "head": %{size_header}}' http://127.0.0.1:5710/big
	[ "$(jq .body "$MOVED")" -eq 10000000 ]
	[ "$(sum nginx .sites.send_splice.bytes)" -eq 10000000 ]
	[ "$(sum nginx .sent_bytes)" -eq "$(jq '.body + .head' "$MOVED")" ]
	[ "$(sum curl .received_bytes)" -eq "$(jq '.body + .head' "$MOVED")" ]
	[ "$(sum curl .sites.receive_copy.bytes)" -eq "$(jq '.body + .head' "$MOVED")" ]
}

@test "nginx without sendfile, and curl: every byte copied twice" {
	with_nginx off 5711 curl --silent --output /dev/null \
		--write-out '{"body": %{size_download}, "head": %{size_header}}' http://127.0.0.1:5711/big
	[ "$(sum nginx .sites.send_splice.bytes)" -eq 0 ]
	[ "$(sum nginx .sites.send_copy.bytes)" -eq "$(jq '.body + .head' "$MOVED")" ]
	[ "$(sum curl .received_bytes)" -eq "$(jq '.body + .head' "$MOVED")" ]
}

@test "nginx under wrk" {
	with_nginx on 5712 wrk --threads 1 --connections 4 --duration 1s http://127.0.0.1:5712/big
	grep -q 'requests in' "$MOVED"
	[ "$(sum nginx .sites.send_splice.bytes)" -ge $((10000000 * $(awk '/requests in/ {print $1}' "$MOVED"))) ]
	[ "$(sum wrk .received_bytes)" -le "$(sum nginx .sent_bytes)" ]
	[ "$(sum wrk .received_bytes)" -ge $((10000000 * $(awk '/requests in/ {print $1}' "$MOVED"))) ]
}

# Each on its own CPU, so that neither preempts the other (only_skipped).
@test "redis-benchmark: what one side sent the other received" {
	watch --by process -- sh -c 'taskset -c 0 redis-server --port 5720 --save "" --dir /tmp > /dev/null &
		"$LISTENING" 5720
		taskset -c $(($(nproc) - 1)) redis-benchmark -p 5720 -t set,get -n 2000 -d 1000 -q; redis-cli -p 5720 info stats
		kill $!; wait'
	exact
	[ "$(sum redis-server .received_bytes)" -eq $(($(sum redis-benchmark .sent_bytes) +
		$(sum redis-cli .sent_bytes))) ]
	# what redis counted when it answered
	[ "$(sum redis-server .received_bytes)" -ge \
		"$(tr -d '\r' < "$MOVED" | awk -F: '/^total_net_input_bytes/ {print $2}')" ]
	[ "$(sum redis-server .sites.send_copy.bytes)" -eq "$(sum redis-server .sent_bytes)" ]
}

@test "socat: a file of known size" {
	head -c 3000000 /dev/zero > "$BATS_TEST_TMPDIR/file"
	watch -- sh -c 'socat -u TCP-LISTEN:5730,bind=127.0.0.1,reuseaddr STDOUT | wc -c & "$LISTENING" 5730
		socat -u "FILE:$1" TCP:127.0.0.1:5730; wait' socat "$BATS_TEST_TMPDIR/file"
	exact
	[ "$(cat "$MOVED")" -eq 3000000 ]
	is '.sent_bytes == 3000000 and .received_bytes == 3000000 and .copies_per_byte == {"send": 1, "receive": 1}'
}

@test "tcpdump in the middle shows as tap copies for that time only, by name" {
	traffic zerocopy
	follow --pid "$TRAFFIC" --interval 1
	lines 1
	tcpdump -i lo -w - 2> /dev/null > /dev/null &
	local tap=$! seen
	timeout 60 sh -c 'until grep -q " 0003 " /proc/net/packet; do sleep 0.1; done'
	lines $(($(wc -l < "$LEDGER") + 3))
	kill $tap
	wait $tap || true
	seen=$(($(wc -l < "$LEDGER") - 1))
	lines $((seen + 3))
	end_follow
	exact_lines
	intervals '.[0].runs[0].sites.tap_copy.bytes == 0 and
		([.[].runs[0].sites.tap_copy.bytes] | add) > 0'
	intervals --argjson after $((seen + 2)) '.[$after].runs[0].sites.tap_copy.bytes == 0 and
		.[$after].runs[0].sent_bytes > 0'
	intervals --arg tap "tcpdump, pid $tap" '
		[.[].runs[0] | select(.sites.tap_copy.bytes > 0)] | length > 0 and
		all(.notes | any(.code == "tap_copies")) and
		any(.notes | any(.code == "tap_copies" and (.taps | contains($tap))))'
}
