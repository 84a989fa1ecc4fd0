export const meta = {
  name: 'off-scanner',
  description: 'Ports the readings from a home-made scanner to what `str` has',
  phases: [{ title: 'Port' }],
  args: { type: 'object', properties: { reviewers: { type: 'integer', default: 0 } } },
  oracle: { command: 'cargo test --offline', timeoutMs: 120000 },
}

const modules = ['bytes', 'ratio', 'clock', 'roman', 'span', 'version']

phase('Port')
const outcomes = await pipeline(modules, (name) => verified(
  `Port src/${name}.rs from scan::Scanner to split_once, strip_suffix and their like. What it reads, and refuses, stays the same.`,
  { label: name, reviewers: args?.reviewers ?? 0, rounds: 2, check: { command: 'sh tests/no_scanner.sh "$1"', item: name } },
))

return Object.fromEntries(modules.map((name, nth) => {
  const { landed, rounds, why, verdicts } = outcomes[nth] ?? { verdicts: [] }
  return [name, { landed, rounds, why, verdicts }]
}))
