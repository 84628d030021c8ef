// SPDX-License-Identifier: GPL-2.0
/* Paths of control groups as container runtimes make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/container.h"

#define ID   "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d"
#define ID2  "d6d725b909f37c3e232aadfbafa950a58bfe7baa579ba8c47a12be88bb921607"
#define UID  "8ca306fa-3c03-47fa-97dd-19979c345572"
#define UIDU "8ca306fa_3c03_47fa_97dd_19979c345572"
#define QOS  "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UIDU ".slice/"
#define USER "/user.slice/user-1000.slice/user@1000.service/user.slice/"

static void test_containers(void **state)
{
	static const struct {
		const char *path, *runtime, *id, *name, *pod;
	} cases[] = {
		/* docker: version 1 and cgroupfs, systemd, rootless, in another */
		{"/docker/" ID, "docker", ID, "", ""},
		{"/system.slice/docker-" ID ".scope", "docker", ID, "", ""},
		{USER "docker-" ID ".scope", "docker", ID, "", ""},
		{"/docker/" ID "/docker/" ID2, "docker", ID2, "", ""},
		{"/docker/" ID "/system.slice/nginx.service", "docker", ID, "", ""},
		/* podman: with systemd as root and as a user, in a pod of its own, inside */
		{"/machine.slice/libpod-" ID ".scope", "podman", ID, "", ""},
		{"/machine.slice/libpod-" ID ".scope/container", "podman", ID, "", ""},
		{USER "libpod-" ID ".scope/container", "podman", ID, "", ""},
		{"/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope", "podman",
		 ID, "", ""},
		{"/libpod_parent/libpod-" ID, "podman", ID, "", ""},
		/* Kubernetes: containerd, cri-o and docker, by systemd and by cgroupfs */
		{QOS "cri-containerd-" ID ".scope", "containerd", ID, "", UID},
		{QOS "crio-" ID ".scope", "cri-o", ID, "", UID},
		{QOS "crio-" ID ".scope/container", "cri-o", ID, "", UID},
		{QOS "docker-" ID ".scope", "docker", ID, "", UID},
		{"/../crio-" ID ".scope", "cri-o", ID, "", ""},
		{"/system.slice/containerd.service/kubepods-besteffort-pod" UIDU
		 ".slice:cri-containerd:" ID,
		 "containerd", ID, "", UID},
		{"/kubepods/besteffort/pod" UID "/" ID, "", ID, "", UID},
		{"/kubepods/pod" UID "/" ID, "", ID, "", UID},
		{"/kubepods.slice/kubepods-burstable.slice/"
		 "kubepods-burstable-pode4e6004e827fdf45941cf777618f60ce.slice/crio-" ID ".scope",
		 "cri-o", ID, "", "e4e6004e827fdf45941cf777618f60ce"},
		{"/docker/" ID "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UIDU
		 ".slice/cri-containerd-" ID2 ".scope",
		 "containerd", ID2, "", UID},
		/* nerdctl, systemd-nspawn, lxc */
		{"/system.slice/nerdctl-" ID ".scope", "containerd", ID, "", ""},
		{"/machine.slice/systemd-nspawn@debian.service/payload", "systemd-nspawn", "",
		 "debian", ""},
		{"/machine.slice/machine-my\\x2dtree.scope/payload/init.scope", "systemd-nspawn",
		 "", "my-tree", ""},
		{"/lxc.payload.web/system.slice/nginx.service", "lxc", "", "web", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct container container;

		assert_true(container__parse(cases[i].path, &container));
		assert_string_equal(container.runtime, cases[i].runtime);
		assert_string_equal(container.id, cases[i].id);
		assert_string_equal(container.name, cases[i].name);
		assert_string_equal(container.pod, cases[i].pod);
	}
}

static void test_none(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		"/init.scope",
		"/system.slice/ssh.service",
		"/user.slice/user-1000.slice/session-3.scope",
		"/system.slice/docker.service",
		"/system.slice/containerd.service",
		/* a container's supervisor is not in it */
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/system.slice/crio-conmon-" ID ".scope",
		"/lxc.monitor.web",
		/* a virtual machine; an id too short; a pod's own processes */
		"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator",
		"/docker/9ec39b91f3d7",
		"/kubepods/besteffort/pod" UID,
		"/machine.slice/machine-libpod_pod_" ID2 ".slice",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct container container;

		assert_false(container__parse(paths[i], &container));
	}
}

static void test_lines(void **state)
{
	static const struct {
		const char *text, *path, *id;
	} cases[] = {
		{"0::/system.slice/docker-" ID ".scope\n", "/system.slice/docker-" ID ".scope", ID},
		{"13:name=systemd:/docker/" ID "\n12:pids:/docker/" ID "\n", "/docker/" ID, ID},
		/* both versions */
		{"4:memory:/docker/" ID "\n1:name=systemd:/\n0::/\n", "/docker/" ID, ID},
		{"1:name=systemd:/docker/" ID "\n0::/system.slice/containerd.service\n",
		 "/system.slice/containerd.service", ID},
		{"0::/system.slice/docker-" ID ".scope (deleted)\n",
		 "/system.slice/docker-" ID ".scope", ID},
		{"0::/a:b/c\n", "/a:b/c", ""},
		{"0::/\n", "/", ""},
		{"", "/", ""},
		{"no line of that form", "/", ""},
	};
	struct container container;
	char path[CGROUP_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cgroup__path(cases[i].text, path, sizeof(path));
		assert_string_equal(path, cases[i].path);
		assert_int_equal(container__find(cases[i].text, &container), !!*cases[i].id);
		assert_string_equal(container.id, cases[i].id);
	}
}

static void test_words(void **state)
{
	struct container container;
	char text[256];

	(void)state;
	container__parse(QOS "crio-" ID ".scope", &container);
	container__describe(&container, text, sizeof(text));
	assert_string_equal(text, "cri-o 9ec39b91f3d7, pod " UID);
	container__parse("/machine.slice/systemd-nspawn@debian.service", &container);
	container__describe(&container, text, sizeof(text));
	assert_string_equal(text, "systemd-nspawn debian");
	container__parse("/kubepods/pod" UID "/" ID, &container);
	container__describe(&container, text, sizeof(text));
	assert_string_equal(text, "9ec39b91f3d7, pod " UID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
