import { urns } from './names.ts'

/** An attribute of a schema (RFC 7643 section 7). What is not said is the default given here. */
interface AttributeFacts {
  readonly name: string
  readonly description: string
  readonly type?: 'string' | 'boolean' | 'complex' | 'reference'
  readonly multiValued?: true
  readonly required?: true
  readonly caseExact?: true
  readonly mutability?: 'readOnly' | 'writeOnly'
  readonly returned?: 'never'
  readonly uniqueness?: 'server'
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly AttributeFacts[]
}

const text = (name: string, description: string): AttributeFacts => ({ name, description })

/** What is kept, and nothing that is only ignored. */
const schemas: readonly {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly AttributeFacts[]
}[] = [
  {
    id: urns.user,
    name: 'User',
    description: 'A member of the directory',
    attributes: [
      {
        name: 'userName',
        description: 'The UPN: name@domain, of a domain that is here',
        required: true,
        uniqueness: 'server',
      },
      {
        name: 'name',
        description: 'The parts of the name',
        type: 'complex',
        subAttributes: [
          {
            name: 'formatted',
            description: 'Follows from the parts',
            mutability: 'readOnly',
          },
          text('familyName', 'Surname'),
          text('givenName', 'First name'),
        ],
      },
      text('displayName', 'As people see it; made from the names when it is left out'),
      text('title', 'Job title'),
      {
        name: 'active',
        description: 'Whether the person may sign in',
        type: 'boolean',
      },
      {
        name: 'password',
        description: 'Of people in a managed domain; ignored for those of a federated one',
        mutability: 'writeOnly',
        returned: 'never',
      },
      {
        name: 'emails',
        description: 'One is kept: the primary one',
        type: 'complex',
        multiValued: true,
        subAttributes: [
          text('value', 'The address'),
          { name: 'type', description: 'Always work', canonicalValues: ['work'] },
          { name: 'primary', description: 'Always true', type: 'boolean' },
        ],
      },
      {
        name: 'phoneNumbers',
        description: 'One is kept: the mobile one',
        type: 'complex',
        multiValued: true,
        subAttributes: [
          text('value', 'The number'),
          { name: 'type', description: 'Always mobile', canonicalValues: ['mobile'] },
        ],
      },
      {
        name: 'groups',
        description: 'The groups that the person is a member of; changed at the groups',
        type: 'complex',
        multiValued: true,
        mutability: 'readOnly',
        subAttributes: [
          {
            name: 'value',
            description: 'Id of the group',
            caseExact: true,
            mutability: 'readOnly',
          },
          {
            name: '$ref',
            description: 'Its address',
            type: 'reference',
            referenceTypes: ['Group'],
            mutability: 'readOnly',
          },
          { name: 'display', description: 'Its displayName', mutability: 'readOnly' },
          {
            name: 'type',
            description: 'Always direct',
            canonicalValues: ['direct'],
            mutability: 'readOnly',
          },
        ],
      },
    ],
  },
  {
    id: urns.group,
    name: 'Group',
    description: 'A group of users',
    attributes: [
      {
        name: 'displayName',
        description: 'Its name; no two groups share one',
        required: true,
        uniqueness: 'server',
      },
      {
        name: 'members',
        description: 'The users in it',
        type: 'complex',
        multiValued: true,
        subAttributes: [
          { name: 'value', description: 'Id of the user', caseExact: true },
          {
            name: '$ref',
            description: 'Its address',
            type: 'reference',
            referenceTypes: ['User'],
            mutability: 'readOnly',
          },
          { name: 'display', description: 'Its displayName', mutability: 'readOnly' },
          { name: 'type', description: 'Always User', canonicalValues: ['User'] },
        ],
      },
    ],
  },
  {
    id: urns.enterprise,
    name: 'EnterpriseUser',
    description: 'Enterprise User',
    attributes: [text('department', 'Department')],
  },
  {
    id: urns.homerealm,
    name: 'HomerealmUser',
    description:
      'What a federated sign-in needs, and properties of Graph without an attribute of SCIM',
    attributes: [
      {
        name: 'immutableId',
        description:
          'onPremisesImmutableId: what the identity provider sends as NameID, byte for byte',
        caseExact: true,
        uniqueness: 'server',
      },
      text('mailNickname', 'Mail alias; the part before the @ of the UPN when it is left out'),
      text('officeLocation', 'Office'),
      text('usageLocation', 'Country code of two capital letters (ISO 3166-1)'),
    ],
  },
]

/** `/Schemas`, with the addresses of this server. */
export function schemaDocuments(baseUrl: string) {
  return schemas.map(({ id, name, description, attributes }) => ({
    schemas: [urns.schema],
    id,
    name,
    description,
    attributes: attributes.map(attributeDocument),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
  }))
}

/** `/ResourceTypes`. */
export function resourceTypeDocuments(baseUrl: string) {
  const type = (name: 'User' | 'Group', extensions: readonly string[]) => ({
    schemas: [urns.resourceType],
    id: name,
    name,
    endpoint: `/${name}s`,
    description: name === 'User' ? 'People' : 'Groups of people',
    schema: name === 'User' ? urns.user : urns.group,
    schemaExtensions: extensions.map((schema) => ({ schema, required: false })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${name}` },
  })
  return [type('User', [urns.enterprise, urns.homerealm]), type('Group', [])]
}

function attributeDocument(facts: AttributeFacts): Readonly<Record<string, unknown>> {
  const { subAttributes, canonicalValues, referenceTypes } = facts
  return {
    name: facts.name,
    type: facts.type ?? 'string',
    multiValued: facts.multiValued ?? false,
    description: facts.description,
    required: facts.required ?? false,
    caseExact: facts.caseExact ?? false,
    mutability: facts.mutability ?? 'readWrite',
    returned: facts.returned ?? 'default',
    uniqueness: facts.uniqueness ?? 'none',
    ...(canonicalValues !== undefined && { canonicalValues }),
    ...(referenceTypes !== undefined && { referenceTypes }),
    ...(subAttributes !== undefined && { subAttributes: subAttributes.map(attributeDocument) }),
  }
}
