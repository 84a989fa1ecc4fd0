export const meta = {
  name: 'release-train',
  description:
    'Prepare a release: summarize packages, gate on lint, write the changelog — each step is a workflow of its own',
  phases: [{ title: 'Summaries' }, { title: 'Gate' }, { title: 'Changelog' }],
}

const packages = ['@acme/core', '@acme/cli', '@acme/web']

phase('Summaries')
// Beside this script.
const summaries = await parallel(
  packages.map(pkg => () => workflow({ scriptPath: './steps/summarize-package.js' }, { pkg, depth: 2 })),
)

phase('Gate')
// Relative to where the run was started.
const gate = await workflow(
  { scriptPath: 'common/lint-gate.mjs' },
  { paths: packages.map(p => p.replace('@acme/', 'packages/')) },
)
log(gate.clean ? 'lint ✓' : `lint ✗ (${gate.remaining ?? 'unknown'})`)

// By its name.
const entries = []
for (const [i, s] of summaries.entries()) {
  if (!s) continue
  entries.push(await workflow('changelog-entry', { change: `${s.pkg} ${i + 1}.0.0` }))
}

let missing
try {
  missing = await workflow('changelog-entrie', { change: 'typo' })
} catch (error) {
  missing = error.message.includes('changelog-entry') ? 'unknown, with a hint' : error.message
}
let unreadable
try {
  unreadable = await workflow({ scriptPath: './steps/does-not-exist.js' })
} catch {
  unreadable = 'rejected'
}
return {
  summaries: summaries.map(s => s?.complete ?? null),
  gate,
  entries: entries.map(e => e !== null),
  missing,
  unreadable,
}
