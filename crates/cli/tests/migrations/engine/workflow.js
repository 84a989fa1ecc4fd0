export const meta = {
  name: 'swap-framework',
  description: 'Swaps the framework beneath model loading, inference and memory of a small engine',
  phases: [{ title: 'Survey' }, { title: 'Loading' }, { title: 'Inference' }, { title: 'Memory' }],
  args: { type: 'object', properties: { reviewers: { type: 'integer', default: 0 } } },
  oracle: {
    checks: [
      { name: 'suite', command: 'python3 -m unittest discover -s tests -t .' },
      { name: 'longer texts', visibility: 'hidden', parse: 'exit', command: 'python3 -c "from pocket.engine import generate as g; m = \'table 2 2 3 0 0 3 output 2 2 0 1 1 0\'; assert g(m, \'xy\', \'x\', 12, window=3) == \'xyxyxyxyxyxyx\', g(m, \'xy\', \'x\', 12, window=3)"' },
    ],
  },
}

const layers = [
  { title: 'Loading', modules: ['weights', 'tokenizer'] },
  { title: 'Inference', modules: ['attention', 'sampler'] },
  { title: 'Memory', modules: ['cache', 'scheduler'] },
]
const schema = {
  type: 'object',
  required: ['uses'],
  properties: { uses: { type: 'array', items: { type: 'string' }, description: 'names of pocket.stripes that it uses' } },
}

phase('Survey')
const surveys = await parallel(layers.map(({ title, modules }) => () => agent(
  `What of pocket.stripes do ${modules.map((name) => `pocket/${name}.py`).join(' and ')} use?`,
  { label: `survey:${title}`, agentType: 'Explore', schema },
)))

const outcomes = {}
for (const [nth, { title, modules }] of layers.entries()) {
  phase(title)
  const uses = surveys[nth]?.uses ?? []
  const swapped = await pipeline(modules, (name) => verified(
    `Swap pocket.stripes for pocket.flat in pocket/${name}.py. Between them the two use: ${uses.join(', ')}. What is missing goes to the end of pocket/flat.py. What it answers stays the same.`,
    {
      label: name,
      rounds: 2,
      // What is remembered wrongly shows late.
      reviewers: name === 'cache' ? Math.min(args?.reviewers ?? 0, 1) : 0,
      check: { command: 'sh tests/swapped.sh "$1"', item: name },
    },
  ))
  for (const [at, name] of modules.entries()) {
    const { landed, rounds, why, verdicts } = swapped[at] ?? { verdicts: [] }
    outcomes[name] = { landed, rounds, why, verdicts }
  }
}
return outcomes
