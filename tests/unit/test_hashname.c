/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/hashname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
check(const char *name, bool hashed)
{
	if (hashname_is_hashed(span_of(name)) != hashed)
		fail_msg("%s: %s", name, hashed ? "missed" : "taken");
}

/* As the tools write them with their defaults, or close to those. */
static const char *const bundled[] = {
	/* Vite, Rollup, SvelteKit, Astro: base64url */
	"/assets/index-Cb1V4dAf.js",
	"/assets/index-Bx7kQ9zL.css",
	"/assets/vendor-D4q2xN7e.js.map",
	"/_app/immutable/chunks/scheduler.Cv9x8N2k.js",
	"/_app/immutable/entry/start.B7aM9vZq.js",
	"/_astro/hoisted.CnJ1bqKq.js",
	/* webpack, Create React App, Gatsby: hexadecimal */
	"/static/js/main.3f2a9c1b.js",
	"/static/js/main.3f2a9c1b.js.map",
	"/static/js/2.8a3c1b7e.chunk.js",
	"/static/js/2.8a3c1b7e.chunk.js.map",
	"/static/css/main.f855e6bc.css",
	"/static/media/logo.6ce24c58023cc2f8fd88.svg",
	"/app-2b1f6e0c5ed5f1fa3b6f.js",
	"/framework-64ad27b21261a9ce.js",
	"/bundle.7e2c49a622975ebd9b7e.js",
	/* webpack's asset modules: nothing but the hash */
	"/d41d8cd98f00b204e980.png",
	/* esbuild and Angular: base32 */
	"/main-5CYZK3AQ.js",
	"/chunk-2XHG7QEN.js",
	"/polyfills-FFHMD2TL.js",
	"/styles-5INURTSO.css",
	/* Parcel */
	"/index.e31bb0bc.js",
	"/index.8a2b7e1f.css",
	"/icon.4f6e31f2.svg",
	/* Sprockets, Propshaft, Django, Hugo */
	"/application-6d58c9e6.css",
	"/assets/application-"
	"3fd1b4c4f3a1d2e6b7a8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4"
	".css",
	"/static/app.55e7cbb9ba48.css",
	"/css/style.min."
	"8d2c6f9ea12b4c5d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d"
	".css",
	/* base32 that is longer */
	"/chunk-2X7G4Q3E5A.js",
	/* dashes where a UUID has them, but not all */
	"/chunk123-3f2a9c1b3f2a9c1b3f2a9c1b3f2.js",
	"/chunk123-main-3f2a9c1b3f2a9c1b3f2a9c.js",
	"/chunk123-main-page-3f2a9c1b3f2a9c1b3.js",
	/* capitals, other separators, a compressed form */
	"/logo_9F86D081884C7D65.png",
	"/app_3f2a9c1b.min.js",
	"/app-3f2a9c1b.js.gz",
};

/* What would be stale for a year. */
static const char *const named[] = {
	"/index.html",
	"/main.js",
	"/jquery-3.7.1.min.js",
	"/bootstrap.bundle.min.js",
	"/react-dom.production.min.js",
	"/service-worker.js",
	"/site.webmanifest",
	"/apple-touch-icon-180x180.png",
	/* words with a number */
	"/book-chapter12.html",
	"/photo_vacation2023.jpg",
	"/Apple-iPhone15Pro.png",
	"/logo-Web3Form.svg",
	"/win-Windows11Pro.iso",
	"/node-es2015module.js",
	"/lib-base64url.js",
	"/clip-h264video.mp4",
	"/linux-x86and64.tar.gz",
	"/manual-VERSION2.pdf",
	"/README-CHAPTER2.txt",
	/* sizes, dates, times, numbers, cameras */
	"/photo-1024x768.jpg",
	"/photo-1920x1080.jpg",
	"/IMG_20240131.jpg",
	"/IMG_20240131_120000.jpg",
	"/scan-20240131T120000.pdf",
	"/backup-20240131T120000Z.tar.gz",
	"/invoice_12345678.pdf",
	"/paris_DSCN3456.JPG",
	"/video-1h30m15s.mp4",
	/* words of a to f alone, and hashes without a digit */
	"/food-deadbeef.html",
	"/index-DiwrgTda.js",
	"/main-DATAGRID.js",
	/* too short */
	"/app-3f2a9c1.js",
	"/app.1a2b.js",
	/* things that have a number and can change */
	"/avatar-3f2b8c1e-9a4d-4e5f-8a7b-446655abcdef.png",
	"/3f2b8c1e-9a4d-4e5f-8a7b-446655abcdef.png",
	"/a1b2c3d4.html",
	"/DxyPM5mO.js",
	/* a byte that no hash has */
	"/app-3f2a~c1b.js",
	"/app-3f2a{c1b.js",
	/* no ending, no name, a hash in front of a word, or in a folder */
	"/build-3f2a9c1b",
	"/.3f2a9c1b",
	"/3f2a9c1b-app.js",
	"/app-3f2a9c1b_bg.wasm",
	"/3f2a9c1b/app.js",
	"/app-3f2a9c1b/",
	"/",
	"",
};

static void
test_names_that_bundlers_write_are_hashed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bundled) / sizeof(bundled[0]); i++)
		check(bundled[i], true);
}

static void
test_names_that_people_give_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		check(named[i], false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_that_bundlers_write_are_hashed),
		cmocka_unit_test(test_names_that_people_give_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
