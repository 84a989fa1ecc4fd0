export const meta = {
  name: 'to-classes',
  description: 'Ports containers from prototypes to typed classes',
  phases: [{ title: 'Port' }],
  args: { type: 'object', properties: { reviewers: { type: 'integer', default: 0 } } },
  oracle: {
    command: 'node --import ./tools/typescript.mjs --test tests/*.test.ts',
    // The tests, and what loads them.
    protect: ['tests/**', 'tools/**', 'package.json'],
  },
}

const modules = ['queue', 'lru', 'trie', 'matrix', 'intervals', 'emitter']

phase('Port')
const outcomes = await pipeline(modules, (name) => verified(
  `Port src/${name}.ts from a function with a prototype to a typed class. What it does stays the same.`,
  { label: name, reviewers: args?.reviewers ?? 0, rounds: 2, check: { command: 'sh tests/no-prototypes.sh "$1"', item: name } },
))

return Object.fromEntries(modules.map((name, nth) => {
  const { landed, rounds, why, verdicts } = outcomes[nth] ?? { verdicts: [] }
  return [name, { landed, rounds, why, verdicts }]
}))
