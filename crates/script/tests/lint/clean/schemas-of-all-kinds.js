export const meta = { name: 'schemas', description: 'Schemas that are fine' }
const base = { type: 'object', additionalProperties: false }
const ID = { type: 'string', pattern: '^[a-z]+$', minLength: 1, maxLength: 20 }
const SHAPES = {
  refs: { ...base, $defs: { id: ID }, properties: { id: { $ref: '#/$defs/id' } }, required: ['id'] },
  either: { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: { type: 'integer' }, b: { type: 'string' } } },
  open: { type: 'object', required: ['any'], additionalProperties: { type: 'string' } },
  fixed: { type: 'object', required: ['kind'], properties: { kind: { const: 'x', enum: ['x', 'y'] }, n: { type: ['integer', 'null'], minimum: 0, maximum: 0 } } },
  tuple: { type: 'object', properties: { pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 2, maxItems: 2 } } },
}
const out = {}
for (const [name, schema] of Object.entries(SHAPES)) {
  out[name] = await agent(`Fill in ${name}.`, { label: `fill:${name}`, schema })
}
out.again = await agent('Once more.', { label: 'again', schema: SHAPES.refs })
out.inline = await agent('And inline.', { schema: { ...base, required: ['ok'], properties: { ok: { type: 'boolean' } } } })
return out
