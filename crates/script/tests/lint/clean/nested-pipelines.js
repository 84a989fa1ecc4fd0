export const meta = { name: 'modules', description: 'Modules, functions, tests', phases: [{ title: 'List' }, { title: 'Write' }] }
const LIST = { type: 'object', required: ['names'], properties: { names: { type: 'array', items: { type: 'string' }, maxItems: 8 } } }
const modules = ['core', 'cli']
const out = await pipeline(
  modules,
  m => agent(`List untested functions of ${m}.`, { label: `list:${m}`, phase: 'List', schema: LIST }),
  ({ names }, m) =>
    pipeline(
      names,
      name => agent(`Write a test for ${m}.${name}.`, { label: `write:${m}.${name}`, phase: 'Write' }),
      (test, name) => ({ module: m, name, test }),
    ),
  (tests, m) => ({ module: m, written: tests.filter(t => t !== null).length, of: tests.length }),
)
return out.map((one, i) => one ?? { module: modules[i], written: 0, of: null })
