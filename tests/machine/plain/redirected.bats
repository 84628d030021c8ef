# SPDX-License-Identifier: GPL-2.0
# What a socket's route says is not always where its packets go. In a machine, for a classifier of tc.

load ../../helpers
load ../../namespaces

# aside: what the pair's device was to send goes by another pair
aside() {
	ip link add aside netns $HTA type veth peer name aside netns $HTB
	ip -n $HTB link set aside address "$(ip -n $HTB -j link show to-$HTA | jq -r '.[0].address')"
	ip -n $HTA link set aside up
	ip -n $HTB link set aside up
	tc -n $HTA qdisc add dev to-$HTB clsact
	tc -n $HTA filter add dev to-$HTB egress matchall action mirred egress redirect dev aside
}

@test "redirected to another device than its route's, what was sent is seen to leave" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	aside
	by_every_way ".sites.deferred_copy.bytes == $SENT and (.sites.deferred_copy.causes | all(.device == \"aside\"))" \
		--transport zero_copy
}
