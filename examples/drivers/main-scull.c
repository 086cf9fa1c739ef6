/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * scull in user space: writes to its four devices with holes between, reads
 * that back, and prints what it found; then the caches.
 */
#include <kmem/module.h>
#include <kmem/stats.h>
#include <linux/err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE 1000
#define PIECES 200
#define STEP 3000 /* a piece, and a hole of two */

static void fill(char *piece, int n)
{
	for (int i = 0; i < PIECE; i++)
		piece[i] = (char)(n * 31 + i);
}

/* All of it, across the ends of quanta. */
static bool put(struct file *file, const char *piece)
{
	size_t n = 0;

	while (n < PIECE) {
		long did = kmem_file_write(file, piece + n, PIECE - n);

		if (did <= 0)
			return false;
		n += (size_t)did;
	}
	return true;
}

static bool get(struct file *file, char *piece)
{
	size_t n = 0;

	while (n < PIECE) {
		long did = kmem_file_read(file, piece + n, PIECE - n);

		if (did <= 0)
			return false;
		n += (size_t)did;
	}
	return true;
}

static int try(const char *path)
{
	struct file *file = kmem_file_open(path, O_RDWR);
	char piece[PIECE], seen[PIECE], zero[PIECE] = "";
	int right = 0;
	long long end;

	if (IS_ERR(file))
		return 1;
	for (int i = 0; i < PIECES; i++) {
		fill(piece, i);
		kmem_file_seek(file, (long long)i * STEP, SEEK_SET);
		if (!put(file, piece))
			break;
	}
	end = kmem_file_seek(file, 0, SEEK_END);
	kmem_file_seek(file, 0, SEEK_SET);
	for (int i = 0; i < PIECES; i++) {
		fill(piece, i);
		right += get(file, seen) && !memcmp(seen, piece, PIECE);
		if (i + 1 < PIECES)
			right += get(file, seen) &&
				 !memcmp(seen, zero, PIECE) &&
				 get(file, seen) && !memcmp(seen, zero, PIECE);
	}
	right += kmem_file_read(file, seen, 1) == 0;
	kmem_file_close(file);
	printf("%s: %lld bytes, %d of %d right\n", path, end, right,
	       2 * PIECES);
	/* Opened for writing alone, it is empty. */
	file = kmem_file_open(path, O_WRONLY);
	if (IS_ERR(file) || kmem_file_seek(file, 0, SEEK_END) != 0)
		return 1;
	kmem_file_close(file);
	return right != 2 * PIECES;
}

int main(void)
{
	static const char *const paths[] = { "/dev/scullk", "/dev/scullc",
					     "/dev/scullp", "/dev/scullv" };
	int bad;

	bad = kmem_module_param("scull", "quantum", "2500") ||
	      kmem_modules_init();
	if (bad)
		return 1;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		bad |= try(paths[i]);
	kmem_modules_exit();
	return bad;
}
