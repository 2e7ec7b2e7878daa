/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/mime.h"

#include <stdlib.h>

#define TYPE(ending, type)                                                     \
	{                                                                      \
		{ ending, sizeof(ending) - 1 },                                \
		{                                                              \
			type, sizeof(type) - 1                                 \
		}                                                              \
	}
/* Text is UTF-8 by now, wherever it comes from. */
#define TEXT(ending, subtype) TYPE(ending, "text/" subtype "; charset=utf-8")

/*
 * Sorted by ending.  The names are those of the IANA registry, or what is in
 * use where nothing is registered.  JSON and XML say their charset themselves
 * (RFC 8259 8.1, RFC 7303 3); JavaScript is text (RFC 9239).
 */
static const struct mime_type mime_types[] = {
	/* clang-format off */
	TYPE("3gp", "video/3gpp"),
	TYPE("7z", "application/x-7z-compressed"),
	TYPE("aac", "audio/aac"),
	TYPE("apk", "application/vnd.android.package-archive"),
	TYPE("apng", "image/apng"),
	TEXT("asc", "plain"),
	TYPE("atom", "application/atom+xml"),
	TYPE("avi", "video/x-msvideo"),
	TYPE("avif", "image/avif"),
	TYPE("bin", "application/octet-stream"),
	TYPE("bmp", "image/bmp"),
	TYPE("br", "application/x-brotli"),
	TYPE("bz2", "application/x-bzip2"),
	TEXT("c", "plain"),
	TYPE("cbz", "application/vnd.comicbook+zip"),
	TEXT("cjs", "javascript"),
	TEXT("conf", "plain"),
	TYPE("crl", "application/pkix-crl"),
	TYPE("crt", "application/x-x509-ca-cert"),
	TEXT("css", "css"),
	TEXT("csv", "csv"),
	TYPE("cur", "image/vnd.microsoft.icon"),
	TYPE("deb", "application/vnd.debian.binary-package"),
	TYPE("der", "application/x-x509-ca-cert"),
	TEXT("diff", "plain"),
	TYPE("djvu", "image/vnd.djvu"),
	TYPE("dmg", "application/x-apple-diskimage"),
	TYPE("doc", "application/msword"),
	TYPE("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
	TYPE("dtd", "application/xml-dtd"),
	TYPE("eot", "application/vnd.ms-fontobject"),
	TYPE("eps", "application/postscript"),
	TYPE("epub", "application/epub+zip"),
	TYPE("exe", "application/vnd.microsoft.portable-executable"),
	TYPE("flac", "audio/flac"),
	TYPE("geojson", "application/geo+json"),
	TYPE("gif", "image/gif"),
	TYPE("glb", "model/gltf-binary"),
	TYPE("gltf", "model/gltf+json"),
	TYPE("gpx", "application/gpx+xml"),
	TYPE("gz", "application/gzip"),
	TEXT("h", "plain"),
	TYPE("heic", "image/heic"),
	TYPE("heif", "image/heif"),
	TEXT("htm", "html"),
	TEXT("html", "html"),
	TYPE("ico", "image/vnd.microsoft.icon"),
	TEXT("ics", "calendar"),
	TEXT("ini", "plain"),
	TYPE("iso", "application/x-iso9660-image"),
	TYPE("jar", "application/java-archive"),
	TYPE("jp2", "image/jp2"),
	TYPE("jpeg", "image/jpeg"),
	TYPE("jpg", "image/jpeg"),
	TEXT("js", "javascript"),
	TYPE("json", "application/json"),
	TYPE("json5", "application/json5"),
	TYPE("jsonld", "application/ld+json"),
	TYPE("jxl", "image/jxl"),
	TYPE("kml", "application/vnd.google-earth.kml+xml"),
	TYPE("kmz", "application/vnd.google-earth.kmz"),
	TEXT("log", "plain"),
	TYPE("m3u8", "application/vnd.apple.mpegurl"),
	TYPE("m4a", "audio/mp4"),
	TYPE("m4s", "video/iso.segment"),
	TYPE("m4v", "video/mp4"),
	TYPE("map", "application/json"),
	TEXT("markdown", "markdown"),
	TEXT("md", "markdown"),
	TYPE("mid", "audio/midi"),
	TYPE("midi", "audio/midi"),
	TEXT("mjs", "javascript"),
	TYPE("mkv", "video/matroska"),
	TYPE("mov", "video/quicktime"),
	TYPE("mp3", "audio/mpeg"),
	TYPE("mp4", "video/mp4"),
	TYPE("mpd", "application/dash+xml"),
	TYPE("mpeg", "video/mpeg"),
	TYPE("mpg", "video/mpeg"),
	TYPE("msi", "application/x-msi"),
	TYPE("odp", "application/vnd.oasis.opendocument.presentation"),
	TYPE("ods", "application/vnd.oasis.opendocument.spreadsheet"),
	TYPE("odt", "application/vnd.oasis.opendocument.text"),
	TYPE("oga", "audio/ogg"),
	TYPE("ogg", "audio/ogg"),
	TYPE("ogv", "video/ogg"),
	TYPE("opus", "audio/ogg"),
	TYPE("otf", "font/otf"),
	TEXT("patch", "plain"),
	TYPE("pdf", "application/pdf"),
	TYPE("pem", "application/x-pem-file"),
	TYPE("png", "image/png"),
	TYPE("ppt", "application/vnd.ms-powerpoint"),
	TYPE("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
	TYPE("ps", "application/postscript"),
	TEXT("py", "x-python"),
	TYPE("rar", "application/vnd.rar"),
	TYPE("rdf", "application/rdf+xml"),
	TYPE("rpm", "application/x-rpm"),
	TYPE("rss", "application/rss+xml"),
	TEXT("rst", "x-rst"),
	TYPE("rtf", "application/rtf"),
	TEXT("sh", "x-shellscript"),
	TYPE("sig", "application/pgp-signature"),
	TYPE("sql", "application/sql"),
	TYPE("srt", "application/x-subrip"),
	TYPE("stl", "model/stl"),
	TYPE("svg", "image/svg+xml"),
	TYPE("tar", "application/x-tar"),
	TYPE("tar.br", "application/x-brotli"),
	TYPE("tar.bz2", "application/x-bzip2"),
	TYPE("tar.gz", "application/gzip"),
	TYPE("tar.xz", "application/x-xz"),
	TYPE("tar.zst", "application/zstd"),
	TYPE("tgz", "application/gzip"),
	TYPE("tif", "image/tiff"),
	TYPE("tiff", "image/tiff"),
	TYPE("toml", "application/toml"),
	TYPE("torrent", "application/x-bittorrent"),
	TYPE("ts", "video/mp2t"),
	TEXT("tsv", "tab-separated-values"),
	TYPE("ttc", "font/collection"),
	TYPE("ttf", "font/ttf"),
	TYPE("ttml", "application/ttml+xml"),
	TEXT("txt", "plain"),
	TYPE("txz", "application/x-xz"),
	TEXT("vcf", "vcard"),
	TEXT("vtt", "vtt"),
	TYPE("wasm", "application/wasm"),
	TYPE("wav", "audio/wav"),
	TYPE("weba", "audio/webm"),
	TYPE("webm", "video/webm"),
	TYPE("webmanifest", "application/manifest+json"),
	TYPE("webp", "image/webp"),
	TYPE("woff", "font/woff"),
	TYPE("woff2", "font/woff2"),
	TYPE("xht", "application/xhtml+xml"),
	TYPE("xhtml", "application/xhtml+xml"),
	TYPE("xls", "application/vnd.ms-excel"),
	TYPE("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
	TYPE("xml", "application/xml"),
	TYPE("xsd", "application/xml"),
	TYPE("xsl", "application/xslt+xml"),
	TYPE("xz", "application/x-xz"),
	TYPE("yaml", "application/yaml"),
	TYPE("yml", "application/yaml"),
	TYPE("zip", "application/zip"),
	TYPE("zst", "application/zstd"),
	/* clang-format on */
};

static int
mime_compare(const void *key, const void *row)
{
	const struct span *ending = key;
	const struct mime_type *type = row;
	size_t len =
	    ending->len < type->ending.len ? ending->len : type->ending.len;
	int order = memcmp(ending->ptr, type->ending.ptr, len);

	if (order != 0)
		return order;
	return (ending->len > type->ending.len) -
	       (ending->len < type->ending.len);
}

static const struct mime_type *
mime_search(const struct mime_type *types, size_t n, struct span ending)
{
	return n == 0
		   ? NULL
		   : bsearch(&ending, types, n, sizeof(*types), mime_compare);
}

static const struct mime_type *
mime_find(const struct mime_map *map, struct span ending)
{
	char lower[MIME_ENDING_BYTES];
	const struct mime_type *type;

	for (size_t i = 0; i < map->noverrides; i++)
		if (span_equal_nocase(map->overrides[i].ending, ending))
			return &map->overrides[i];
	if (ending.len == 0 || ending.len > sizeof(lower))
		return NULL;
	for (size_t i = 0; i < ending.len; i++) {
		char c = ending.ptr[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	ending.ptr = lower;
	type = mime_search(map->types, map->ntypes, ending);
	return type != NULL
		   ? type
		   : mime_search(mime_types,
			 sizeof(mime_types) / sizeof(*mime_types), ending);
}

struct span
mime_lookup(const struct mime_map *map, struct span name)
{
	const char *end = name.ptr + name.len;
	const char *slash = memrchr(name.ptr, '/', name.len);
	const char *base = slash == NULL ? name.ptr : slash + 1;

	/* A dot in front hides the file and begins no ending. */
	while (base < end && *base == '.')
		base++;
	while (base < end) {
		const char *dot = memchr(base, '.', (size_t)(end - base));
		const struct mime_type *type;

		if (dot == NULL)
			break;
		base = dot + 1;
		type =
		    mime_find(map, (struct span){ base, (size_t)(end - base) });
		if (type != NULL)
			return type->type;
	}
	return SPAN("application/octet-stream");
}

const struct mime_type *
mime_builtin(size_t *n)
{
	*n = sizeof(mime_types) / sizeof(*mime_types);
	return mime_types;
}
