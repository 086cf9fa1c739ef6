/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pressure on the fake port comes when the test says so.
 */
#include "port/fake/fake.h"

static int sources;
static unsigned int asked, opens, events;

void fake_set_pressure(int s)
{
	sources = s;
}

unsigned int fake_pressure_wanted(void)
{
	return asked;
}

unsigned int fake_pressure_opens(void)
{
	return opens;
}

void fake_pressure_events(unsigned int n)
{
	events = n;
}

int port_pressure_open(unsigned int wanted)
{
	asked = wanted;
	opens++;
	if (sources < 0)
		return wanted & PORT_PRESSURE_WATCH ? -1 : 0;
	return (int)((unsigned int)sources & wanted);
}

bool port_pressure_wait(int64_t timeout_ns)
{
	if (events) {
		events--;
		return true;
	}
	if (timeout_ns > 0)
		fake_clock_advance((uint64_t)timeout_ns);
	return false;
}
