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

const struct key site_keys[] = {
	PATH(site, root, NULL, NULL, "/var/www/html",
	    "The folder whose files are served. "
	    "No path leads out of it."),
	LIST(site, hosts, hosts, KEY_HOSTS, "", "www.example.com example.com",
	    "The names that the site answers to. "
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
	STRING(match, auth, "", "members",
	    "The [auth] section by which clients must be known: "
	    "see WHO MAY SEE WHAT. "
	    "none lets everybody in, "
	    "where an earlier section does not."),
	LIST(match, roles, roles, KEY_SUBJECTS, "", "editors",
	    "The [role] sections one of which a client must be in. "
	    "Who is in none of them is refused."),
};
