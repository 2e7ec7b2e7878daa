/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/keys_site.h"

#include "conf/keys_rows.h"

static const char *const symlink_words[] = {
	[BENEATH_DENY] = "deny",
	[BENEATH_WITHIN] = "within",
	[BENEATH_OWNER] = "owner",
	[BENEATH_FOLLOW] = "follow",
	NULL,
};

static const char *const storage_words[] = {
	[CONF_STORAGE_AUTO] = "auto",
	[CONF_STORAGE_LOCAL] = "local",
	[CONF_STORAGE_REMOTE] = "remote",
	NULL,
};

static const char *const listing_words[] = {
	[CONF_LISTING_OFF] = "off",
	[CONF_LISTING_ON] = "on",
	NULL,
};

static const char *const match_listing_words[] = {
	[CONF_LISTING_OFF] = "off",
	[CONF_LISTING_ON] = "on",
	[CONF_LISTING_INHERIT] = "inherit",
	NULL,
};

/* As the endings of the files, which is what people see. */
static const char *const precompressed_words[] = {
	"br",
	"zst",
	"gz",
	"none",
	NULL,
};

static const char *const canonical_words[] = {
	[CONF_CANONICAL_OFF] = "off",
	[CONF_CANONICAL_EXTENSIONLESS] = "extensionless",
	[CONF_CANONICAL_SLASH] = "slash",
	NULL,
};

static const char *const scheme_words[] = {
	[CONF_SCHEME_HTTP] = "http",
	[CONF_SCHEME_HTTPS] = "https",
	NULL,
};

static const char *const fallback_words[] = { "off", NULL };
static const char *const off_words[] = { "off", NULL };

static const char *const manifest_words[] = {
	[CONF_MANIFEST_OFF] = "off",
	[CONF_MANIFEST_ETAG] = "etag",
	[CONF_MANIFEST_DIGEST] = "digest",
	NULL,
};

static const char *const security_words[] = {
	[CONF_SECURITY_INHERIT] = "inherit",
	[CONF_SECURITY_OFF] = "off",
	[CONF_SECURITY_BASIC] = "basic",
	[CONF_SECURITY_STRICT] = "strict",
	NULL,
};

static const char *const cache_words[] = {
	"off",
	"revalidate",
	"immutable",
	"hashed",
	NULL,
};

static const char *const bandwidth_words[] = { "off", NULL };

static const char *const maintenance_words[] = { "off", "on", NULL };

const struct key site_keys[] = {
	PATH(site, root, NULL, NULL, "/var/www/html",
	    "The folder whose files are served. "
	    "No path leads out of it."),
	LIST(site, hosts, hosts, KEY_HOSTS, "", "example.com *.example.com",
	    "The names that the site answers to. "
	    "A star in place of the first label stands for one label or more. "
	    "The whole name wins over those with a star, "
	    "and of these the longest. "
	    "The one site without hosts, or else the first site, "
	    "answers to all other names."),
	LIST(site, redirect_hosts, redirect_hosts, KEY_HOSTS, "",
	    "www.example.com",
	    "Names whose clients are redirected to the first of hosts, "
	    "with path and query."),
	ENUM(site, scheme, "http", scheme_words,
	    "How clients reach the site, for redirects to another name of it: "
	    "https where TLS ends before this server."),
	LIST(site, index, index, KEY_NAMES, "index.html", NULL,
	    "The file that is served for a folder: "
	    "the first of these that exists."),
	ENUM(site, symlinks, "within", symlink_words,
	    "Which symbolic links are followed: none, "
	    "those that stay below the root, "
	    "those whose owner owns what they lead to, or all."),
	ENUM(site, storage, "auto", storage_words,
	    "Whether files lie on this machine alone. "
	    "local keeps them open and sends them with sendfile. "
	    "remote opens a file for each request and reads it, "
	    "as is right where others change it, or where a file system lies. "
	    "auto goes by the file system: see SLOW DISKS."),
	{
	    .name = "precompressed",
	    .type = KEY_WORDS,
	    .offset = KEYS_AT(site, precompressed, struct conf_list),
	    .def = "br zst gz",
	    .words = precompressed_words,
	    .text = "Which files beside a file are its compressed forms: "
		    "for page.html that is page.html.br, and so on. "
		    "A client that takes several equally gets the first. "
		    "One that is older than the file itself is passed over.",
	},
	LIST(site, try, tries, KEY_TRIES, "$uri $uri/", "$uri $uri.html $uri/",
	    "What is looked for, in this order, $uri being the path: "
	    "a file, with $uri/ a folder, or a file whose name is the path "
	    "and the text behind $uri. "
	    "See PATHS TO FILES."),
	ENUM(site, canonical, "off", canonical_words,
	    "Redirects the other paths of a page to one: "
	    "extensionless to that without the ending that try adds "
	    "and without the name of the index file, "
	    "slash to the same with a slash at its end."),
	PATH(site, fallback, "off", fallback_words, "/index.html",
	    "The file that a browser gets when it goes to a path "
	    "where nothing is, for applications that have paths of their own. "
	    "What is missing in a page stays 404: "
	    "see PATHS TO FILES."),
	ENUM(site, manifest, "off", manifest_words,
	    "Whether an ETag comes from the content of a file, "
	    "by the hash that the command manifest wrote down, "
	    "and whether the hash itself is sent, in Repr-Digest. "
	    "For trees whose times of change say nothing."),
	PATH(site, maintenance, "off", maintenance_words,
	    "/run/tined/maintenance",
	    "Closes the site: every path is answered with 503, "
	    "until the next reload, or as long as there is a file of this "
	    "name. "
	    "See MAINTENANCE."),
	DURATION(site, maintenance_retry, "5m", 0, 30 * DAY,
	    "When a client may ask again, for the field Retry-After. "
	    "0 leaves it out."),
	ENUM(site, listing, "off", listing_words,
	    "Answers for a folder without an index file with a list of what "
	    "is in it, see DIRECTORY LISTING, and not with 404."),
};

const struct key match_keys[] = {
	LIST(match, paths, paths, KEY_GLOBS, "", "*.css *.js",
	    "More globs beside the one in the name of the section."),
	LIST(match, set, set, KEY_FIELDS, "", "X-Frame-Options: DENY",
	    "A field that answers have, "
	    "in place of one of the same name that an earlier section set. "
	    "Written again in the same section for the same field, "
	    "the values are joined with a blank between them."),
	LIST(match, append, append, KEY_FIELDS, "",
	    "Link: </style.css>; rel=preload",
	    "A field that answers have beside those of the same name."),
	LIST(match, unset, unset, KEY_FIELD_NAMES, "", "X-Frame-Options",
	    "Fields that answers do not have, "
	    "although an earlier section sets them."),
	BOOL(match, errors, "no",
	    "Lets answers of 400 and above have the fields of set and append "
	    "too, and those to OPTIONS."),
	{
	    .name = "type",
	    .type = KEY_TYPE,
	    .offset = KEYS_AT(match, type, const char *),
	    .def = "",
	    .example = "text/plain; charset=utf-8",
	    .text = "The media type of the files whose own path is like this, "
		    "as it stands, whatever their names end in.",
	},
	{
	    .name = "cache",
	    .type = KEY_CACHE,
	    .offset = KEYS_AT(match, cache, const char *),
	    .def = "",
	    .words = cache_words,
	    .example = "1h",
	    .text = "How long caches may keep what is served: "
		    "so long, not at all (off), only to ask each time whether "
		    "it is current (revalidate), or as what never changes "
		    "(immutable). "
		    "hashed is immutable for files with a hash in their name, "
		    "and revalidate for others: see PATHS. "
		    "Errors are not kept.",
	},
	DURATION(match, cache_missing, "0", 0, 365 * DAY,
	    "How long caches may keep the answer that nothing is there, 404 or "
	    "410, in whole seconds. "
	    "It stands beside cache."),
	ENUM(match, security, "inherit", security_words,
	    "A set of fields that tell browsers to be careful, in all answers: "
	    "see PATHS. "
	    "inherit leaves what earlier sections say."),
	LIST(match, cors, cors, KEY_ORIGINS, "", "https://app.example.com",
	    "The origins whose pages may read what is served, or * for all. "
	    "off takes back what an earlier section says. "
	    "See PATHS."),
	LIST(match, cors_headers, cors_headers, KEY_FIELD_NAMES, "",
	    "X-Requested-With",
	    "Fields that requests of these pages may have, beside those that "
	    "are always allowed."),
	LIST(match, cors_expose, cors_expose, KEY_FIELD_NAMES, "",
	    "ETag Content-Range",
	    "Fields of answers that these pages may read, beside those that "
	    "are always allowed."),
	DURATION(match, cors_max_age, "10m", 0, DAY,
	    "How long a browser may remember what a preflight request was "
	    "answered, in whole seconds."),
	BOOL(match, cors_credentials, "no",
	    "Lets these pages read what is served to a browser that sent "
	    "cookies or a login."),
	LIST(match, allow, allow, KEY_BLOCKS, "", "10.0.0.0/8 ::1",
	    "Clients that may have these paths, and nobody else may: "
	    "see ACCESS."),
	LIST(match, deny, deny, KEY_BLOCKS, "", "192.0.2.0/24",
	    "Clients that may not have these paths."),
	ENUM(match, listing, "inherit", match_listing_words,
	    "As site.listing, for these folders, whose paths end with a slash. "
	    "inherit leaves it to an earlier section, or to the site."),
	LIST(match, try, tries, KEY_TRIES, "", "$uri",
	    "What is looked for instead of what site.try says."),
	PATH(match, fallback, "", fallback_words, "off",
	    "The file for where nothing is, instead of site.fallback."),
	{
	    .name = "bandwidth",
	    .type = KEY_BANDWIDTH,
	    .offset = KEYS_AT(match, bandwidth, const char *),
	    .def = "",
	    .min = KIB,
	    .max = GIB,
	    .words = bandwidth_words,
	    .example = "1m",
	    .text = "Bytes a second of each answer, also of several at a time. "
		    "off takes back what an earlier section says. "
		    "See SLOW AND GREEDY CLIENTS.",
	},
	BYTES(match, bandwidth_after, "0", 0, 1024 * GIB,
	    "How much of an answer goes as fast as it can, "
	    "before bandwidth counts. "
	    "It stands beside bandwidth."),
	STRING(match, auth, "", "members",
	    "The [auth] section by which clients must be known: "
	    "see WHO MAY SEE WHAT. "
	    "none lets everybody in, "
	    "where an earlier section does not."),
	LIST(match, roles, roles, KEY_SUBJECTS, "", "editors",
	    "The [role] sections one of which a client must be in. "
	    "Who is in none of them is refused."),
	RATE(match, client_rate, "off", 1000000 * UINT64_C(3600), off_words,
	    "How often one client may ask for these paths, "
	    "beside what limits.client_rate says: see LIMITS FOR CLIENTS."),
	COUNT(match, client_burst, "5", 1, 1000000, NULL,
	    "How many such requests of a client may come at once, "
	    "before client_rate slows it down."),
};

const struct key redirect_keys[] = {
	PAIRS(pathset, "PATH", pairs, KEY_REDIRECT,
	    "/blog/* = https://blog.example.com/* 302",
	    "Where a client is sent that asks for PATH, and with which status. "
	    "That is 301 without one, and 410 alone says that it is gone. "
	    "The text that a star in PATH stands for comes where the star of "
	    "the target is. "
	    "The query goes with it, unless noquery stands there."),
};

const struct key rewrite_keys[] = {
	PAIRS(pathset, "PATH", pairs, KEY_REWRITE, "/latest/* = /v3/*",
	    "The path that is looked up instead of PATH. "
	    "The text that a star in PATH stands for comes where the star of "
	    "the other is."),
};

const struct key error_pages_keys[] = {
	BOOL(error_pages, folders, "no",
	    "Lets a status that no key here has a page for have the file "
	    "index.html of a folder with its name, as /404/index.html, "
	    "if that is there."),
	PAIRS(error_pages, "STATUS", pages, KEY_ERROR_PAGE, "404 = /404.html",
	    "The file below the root of the site that is sent with this "
	    "status, or with 4xx or 5xx for all of that class that have no "
	    "page of their own. "
	    "built-in is the page that the server has itself."),
};
