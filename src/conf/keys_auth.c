/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/keys_auth.h"

#include "conf/keys_rows.h"

const struct key auth_keys[] = {
	STRING(auth, realm, "Restricted", "Members",
	    "What browsers show to people when they ask for a password."),
	PATH(auth, htpasswd, "", NULL, "/etc/tined/members.htpasswd",
	    "A file of users and hashes of their passwords, "
	    "as htpasswd -B writes it. "
	    "Who sends one of these is known by the name of the user."),
	PATH(auth, api_keys, "", NULL, "/etc/tined/robots.keys",
	    "A file of names and keys, or their hashes. "
	    "Who sends one of these keys is known by its name."),
	PATH(auth, url_keys, "", NULL, "/etc/tined/links.keys",
	    "A file of names and keys that links are signed with, "
	    "by tined sign: the first signs, all are accepted. "
	    "Who follows such a link is known by the name of its key."),
};

const struct key role_keys[] = {
	LIST(role, users, users, KEY_SUBJECTS, "", "alice bob",
	    "The names of those who have the role."),
};
