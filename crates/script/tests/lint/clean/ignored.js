// fanfold-ignore FF021 because the order of notes does not matter to the reader
export const meta = { name: 'ignored', description: 'Knows better' }
const notes = []
await parallel(
  ['x', 'y'].map(name => async () => {
    const note = await agent(`Note on ${name}`, { label: name })
    notes.push(note)
  }),
)
const tries = []
while (tries.length < 3) {
  // The same agent again: fanfold-ignore is not at the start of this comment.
  // fanfold-ignore FF012
  tries.push(await agent(`Try ${tries.length}: ${notes.join(' ')}`, { label: 'try' }))
}
const report = await agent('Report', { label: 'report' })
return report.length // fanfold-ignore FF006: a crash is what we want here
