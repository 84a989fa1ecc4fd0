export const meta = {
  name: 'config-inventory',
  description: 'Inventories configuration of every shape; each question has its own JSON Schema',
}

const S = {
  flat: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      port: { type: 'integer', minimum: 1, maximum: 65535 },
      tls: { type: 'boolean' },
    },
    required: ['name', 'port', 'tls'],
    additionalProperties: false,
  },
  enums: {
    type: 'object',
    properties: {
      env: { enum: ['dev', 'staging', 'prod'] },
      level: { type: 'string', enum: ['debug', 'info'] },
      version: { const: 2 },
    },
    required: ['env', 'level', 'version'],
  },
  nested: {
    type: 'object',
    properties: {
      db: {
        type: 'object',
        properties: {
          pool: {
            type: 'object',
            properties: {
              min: { type: 'integer', minimum: 0, maximum: 5 },
              max: { type: 'integer', minimum: 5, maximum: 50 },
            },
            required: ['min', 'max'],
          },
        },
        required: ['pool'],
      },
    },
    required: ['db'],
  },
  nullable: {
    type: 'object',
    properties: {
      proxy: { type: ['string', 'null'] },
      timeout: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
    },
    required: ['proxy', 'timeout'],
  },
  tuple: {
    type: 'object',
    properties: {
      range: {
        type: 'array',
        prefixItems: [{ type: 'integer' }, { type: 'integer' }],
        items: false,
        minItems: 2,
      },
    },
    required: ['range'],
  },
  map: {
    type: 'object',
    properties: {
      env: {
        type: 'object',
        patternProperties: { '^[A-Z_]+$': { type: 'string' } },
        additionalProperties: false,
        minProperties: 1,
      },
    },
    required: ['env'],
  },
  refs: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      host: {
        type: 'object',
        properties: { name: { type: 'string', format: 'hostname' } },
        required: ['name'],
      },
    },
    properties: {
      primary: { $ref: '#/$defs/host' },
      replicas: { type: 'array', items: { $ref: '#/$defs/host' }, maxItems: 3 },
    },
    required: ['primary', 'replicas'],
  },
  recursive: {
    type: 'object',
    $defs: {
      node: {
        type: 'object',
        properties: {
          key: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/$defs/node' }, maxItems: 2 },
        },
        required: ['key'],
      },
    },
    properties: { tree: { $ref: '#/$defs/node' } },
    required: ['tree'],
  },
  union: {
    type: 'object',
    properties: {
      auth: {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'none' } }, required: ['kind'] },
          {
            type: 'object',
            properties: { kind: { const: 'basic' }, user: { type: 'string' } },
            required: ['kind', 'user'],
          },
        ],
      },
    },
    required: ['auth'],
  },
  conditional: {
    type: 'object',
    properties: {
      mode: { enum: ['file', 'url'] },
      path: { type: 'string' },
      url: { type: 'string', format: 'uri' },
    },
    required: ['mode'],
    if: { properties: { mode: { const: 'url' } } },
    then: { required: ['url'] },
    else: { required: ['path'] },
  },
  formats: {
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid' },
      at: { type: 'string', format: 'date-time' },
      ip: { type: 'string', format: 'ipv4' },
      mail: { type: 'string', format: 'email' },
    },
    required: ['id', 'at', 'ip', 'mail'],
  },
  sets: {
    type: 'object',
    properties: {
      tags: {
        type: 'array',
        items: { type: 'string', minLength: 2, maxLength: 12 },
        uniqueItems: true,
        minItems: 3,
        maxItems: 5,
      },
      ids: {
        type: 'array',
        contains: { const: 7 },
        items: { type: 'integer', minimum: 1, maximum: 9 },
        minItems: 1,
      },
    },
    required: ['tags', 'ids'],
  },
  numbers: {
    type: 'object',
    properties: {
      ratio: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      step: { type: 'integer', multipleOf: 25, minimum: 25, maximum: 500 },
    },
    required: ['ratio', 'step'],
  },
  schlüssel: {
    type: 'object',
    properties: {
      größe: { type: 'integer' },
      名前: { type: 'string' },
      'with space': { type: 'boolean' },
      __proto__x: { type: 'null' },
    },
    required: ['größe', '名前', 'with space'],
  },
}

const CHECK = {
  flat: v => v.port > 0 && typeof v.tls === 'boolean',
  enums: v => v.version === 2 && ['dev', 'staging', 'prod'].includes(v.env),
  nested: v => v.db.pool.min <= v.db.pool.max,
  nullable: v => 'proxy' in v && (v.timeout === null || v.timeout >= 1),
  tuple: v => v.range.length === 2,
  map: v => Object.keys(v.env).every(k => /^[A-Z_]+$/.test(k)) && Object.keys(v.env).length > 0,
  refs: v => typeof v.primary.name === 'string' && v.replicas.length <= 3,
  recursive: v => typeof v.tree.key === 'string',
  union: v => ['none', 'basic'].includes(v.auth.kind),
  conditional: v => (v.mode === 'url' ? 'url' in v : 'path' in v),
  formats: v =>
    /^[0-9a-f-]{36}$/i.test(v.id) && !Number.isNaN(Date.parse(v.at)) && v.ip.split('.').length === 4,
  sets: v => new Set(v.tags).size === v.tags.length && v.ids.includes(7),
  numbers: v => v.ratio > 0 && v.ratio < 1 && v.step % 25 === 0,
  schlüssel: v => Number.isInteger(v.größe) && typeof v.名前 === 'string',
}

const names = Object.keys(S)
const values = await parallel(
  names.map(
    name => () =>
      agent(`Read the ${name} section of the configuration and report it exactly.`, {
        label: name,
        schema: S[name],
      }),
  ),
)
return Object.fromEntries(names.map((name, i) => [name, values[i] === null ? null : CHECK[name](values[i])]))
