export const meta = {
  name: 'recursive-children',
  description:
    'Asks who owns what through a workflow that calls a third: the third is refused, nothing else is',
  phases: [{ title: 'Ask' }],
}

const outer = await workflow(
  { scriptPath: 'steps/nested-caller.js' },
  { question: 'which module has no owner?' },
)
// What was left half-edited fails where it is called, with its own line, and takes nothing else with it.
let broken
try {
  broken = await workflow({ scriptPath: 'steps/broken.js' })
} catch (error) {
  broken = /broken\.js:4/.test(error.message) ? 'refused at its line' : error.message
}
const owners = await parallel(
  ['src/core', 'src/ui', 'tools'].map(dir => () =>
    workflow({ scriptPath: 'steps/nested-caller.js' }, { question: `who looks after ${dir}?` }),
  ),
)
log(`${owners.filter(o => o?.answered).length} of ${owners.length} folders have an owner`)

return {
  owners: owners.map(o => o?.answered ?? null),
  outer,
  broken,
  failures: failures().filter(f => f.kind === 'thrown').length,
}
