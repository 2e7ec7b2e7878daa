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

static const char *const fallback_words[] = { "off", NULL };

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
	LIST(site, index, index, KEY_NAMES, "index.html", NULL,
	    "The file that is served for a folder: "
	    "the first of these that exists."),
	ENUM(site, symlinks, "within", symlink_words,
	    "Which symbolic links are followed: none, "
	    "those that stay below the root, "
	    "those whose owner owns what they lead to, or all."),
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
	    "Lets answers of 400 and above have these fields too."),
	LIST(match, try, tries, KEY_TRIES, "", "$uri",
	    "What is looked for instead of what site.try says."),
	PATH(match, fallback, "", fallback_words, "off",
	    "The file for where nothing is, instead of site.fallback."),
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
