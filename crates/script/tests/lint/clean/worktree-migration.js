export const meta = {
  name: 'migrate-callbacks',
  description: 'Migrates callback APIs, one worktree a file',
  phases: [{ title: 'Migrate' }, { title: 'Review' }],
}
const FILES = ['src/db.js', 'src/http.js', 'src/queue.js']
const CHANGE = {
  type: 'object',
  required: ['diff', 'passes'],
  properties: { diff: { type: 'string' }, passes: { type: 'boolean', description: 'npm test exited with 0 in your worktree' } },
}
const REVIEW = { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' }, problems: { type: 'array', items: { type: 'string' }, maxItems: 5 } } }
const done = await pipeline(
  FILES,
  file => agent(`Migrate ${file} to promises. Run npm test. Return git diff.`, { label: `migrate:${file}`, phase: 'Migrate', isolation: 'worktree', schema: CHANGE }),
  (change, file) =>
    agent(`Review this change of ${file}:\n\n${change.diff}\n\nThe tests ${change.passes ? 'pass' : 'fail'}.`, { label: `review:${file}`, phase: 'Review', schema: REVIEW })
      .then(review => ({ file, diff: change.diff, ok: review?.ok ?? false })),
)
const merged = done.filter(d => d?.ok)
return { merged, failed: FILES.filter((_, i) => !done[i]?.ok) }
