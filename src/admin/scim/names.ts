/**
 * admin/scim/: SCIM 2.0 (RFC 7643, RFC 7644) over the rules of directory/: filters, PATCH, resources, bulk. It knows neither
 * Express nor SQL; who the client is, and how passwords are set, are arguments.
 */

/** RFC 7643 section 10.3, RFC 7644 section 8.2, and the schema of our own. */
export const urns = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  homerealm: 'urn:ietf:params:scim:schemas:extension:homerealm:2.0:User',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  serviceProviderConfig: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  listResponse: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  searchRequest: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  patchOp: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulkRequest: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
} as const

/** What the door takes at most; `/ServiceProviderConfig` and docs/scim.md tell it. */
export const limits = {
  /** Bytes of a body. */
  payload: 1_048_576,
  /** Values in one JSON document, and how deep they may be nested. */
  jsonValues: 100_000,
  jsonDepth: 12,
  /** Characters of a filter or path, its comparisons, and how deep its parentheses go. */
  filterLength: 8000,
  filterTerms: 100,
  filterDepth: 20,
  /** Names in `attributes` or `excludedAttributes`. */
  attributeNames: 100,
  pageSize: 200,
  defaultPageSize: 100,
  bulkOperations: 1000,
  patchOperations: 1000,
  /** Characters of all paths of one PATCH: filters in them are read anew for each operation. */
  patchPaths: 100_000,
  /** Members in all the groups of one answer. */
  membersShown: 50_000,
  externalIdLength: 256,
} as const
