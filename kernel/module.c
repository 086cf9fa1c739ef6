/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Modules: their parameters, their beginnings and their ends. */
#include <kmem/module.h>
#include <linux/kernel.h>
#include <errno.h>
#include <string.h>

#define LEVELS 8

static struct module *modules;
static struct kmem_param *params;

/* At the end, so that those linked first begin first. */
void kmem_module_add(struct module *module)
{
	struct module **p = &modules;

	while (*p)
		p = &(*p)->next;
	*p = module;
}

void kmem_param_add(struct kmem_param *param)
{
	param->next = params;
	params = param;
}

static int set(struct kmem_param *param, const char *value)
{
	switch (param->type) {
	case KMEM_PARAM_BOOL:
		return kstrtobool(value, param->variable);
	case KMEM_PARAM_INT:
		return kstrtoint(value, 0, param->variable);
	case KMEM_PARAM_UINT:
		return kstrtouint(value, 0, param->variable);
	case KMEM_PARAM_LONG:
		return kstrtol(value, 0, param->variable);
	case KMEM_PARAM_ULONG:
		return kstrtoul(value, 0, param->variable);
	case KMEM_PARAM_TEXT:
		*(const char **)param->variable = value;
		return 0;
	}
	return -EINVAL;
}

int kmem_module_param(const char *module, const char *name, const char *value)
{
	for (struct kmem_param *p = params; p; p = p->next)
		if (!strcmp(p->module->name, module) && !strcmp(p->name, name))
			return set(p, value);
	return -ENOENT;
}

/* Those of this level; 0 or the first error. */
static int begin(int level)
{
	for (struct module *m = modules; m; m = m->next) {
		int bad;

		if (m->level != level || m->live)
			continue;
		bad = m->init ? m->init() : 0;
		if (bad)
			return bad;
		m->live = true;
	}
	return 0;
}

int kmem_modules_init(void)
{
	for (int level = 0; level < LEVELS; level++) {
		int bad = begin(level);

		if (bad) {
			kmem_modules_exit();
			return bad;
		}
	}
	return 0;
}

/* The last of this level that still lives. */
static struct module *last(int level)
{
	struct module *found = NULL;

	for (struct module *m = modules; m; m = m->next)
		if (m->live && m->level == level)
			found = m;
	return found;
}

void kmem_modules_exit(void)
{
	for (int level = LEVELS; level--;) {
		struct module *m;

		while ((m = last(level))) {
			m->live = false;
			if (m->exit)
				m->exit();
		}
	}
}
