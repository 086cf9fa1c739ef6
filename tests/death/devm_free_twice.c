/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory of a device freed twice, and by another device.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	devm_kfree() of <hex>, which is no memory of the device
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	devm_kfree() of <hex>, which is no memory of the device
 */
#include <kmem/kmem.h>
#include <linux/device.h>

int main(void)
{
	struct device dev = {}, other = {};
	void *p = devm_kmalloc(&dev, 100, GFP_KERNEL);

	devm_kfree(&other, p);
	devm_kfree(&dev, p);
	devm_kfree(&dev, p);
	return devres_release_all(&dev) || !kmem_validate();
}
