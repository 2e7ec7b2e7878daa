/* SPDX-License-Identifier: BSD-2-Clause */
/* What a site does with the hashes of its files. */
#ifndef CONF_MANIFEST_H
#define CONF_MANIFEST_H

/* What answers say of the content of a file, as the manifest has it. */
enum conf_manifest {
	CONF_MANIFEST_OFF,
	CONF_MANIFEST_ETAG,   /* ETag from its hash */
	CONF_MANIFEST_DIGEST, /* Repr-Digest as well (RFC 9530) */
};

/* The file in the root that has the hashes; a dotfile, so nobody gets it. */
#define CONF_MANIFEST_NAME ".tined-manifest"

#endif
