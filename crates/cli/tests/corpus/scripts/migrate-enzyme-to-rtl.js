export const meta = {
  name: 'migrate-enzyme-to-rtl',
  description:
    'Migrate component tests from Enzyme to React Testing Library, file by file, with verification',
  phases: [
    { title: 'Inventory', model: 'inherit' },
    { title: 'Migrate' },
    { title: 'Verify' },
    { title: 'Cleanup' },
  ],
}

const BATCH = 5
const FILES_SCHEMA = {
  type: 'object',
  properties: {
    files: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          uses: {
            type: 'array',
            items: { enum: ['shallow', 'mount', 'render', 'simulate', 'instance'] },
            uniqueItems: true,
          },
        },
        required: ['path', 'uses'],
      },
    },
  },
  required: ['files'],
}

phase('Inventory')
const inventory = await agent(
  'Find every test file that imports from "enzyme". For each, which of its APIs does it use?',
  { label: 'inventory', schema: FILES_SCHEMA, agentType: 'Explore' },
)
if (!inventory) throw new Error('The inventory failed: nothing was changed')

const byDifficulty = Object.groupBy(inventory.files, f =>
  f.uses.includes('instance') ? 'hard' : f.uses.length > 2 ? 'medium' : 'easy',
)
const queue = ['easy', 'medium', 'hard'].flatMap(level =>
  (byDifficulty[level] ?? []).map(f => ({ ...f, level })),
)
log(
  `${queue.length} files: ${Object.entries(byDifficulty)
    .map(([k, v]) => `${v.length} ${k}`)
    .join(', ')}`,
)

const status = {}
const mark = (path, s) => ((status[s] ||= []).push(path), s)

for (let start = 0; start < queue.length; start += BATCH) {
  const batch = queue.slice(start, start + BATCH)
  phase('Migrate')
  const done = await parallel(
    batch.map(
      file => () =>
        agent(
          `Migrate ${file.path} (${file.level}; uses ${file.uses.join(', ') || 'nothing special'}) from Enzyme to React Testing Library.
Rules:
- query by role or label, never by class name
- \`wrapper.instance()\` has no counterpart: test behaviour instead
- keep the names of all tests`,
          {
            label: `migrate:${file.path}`,
            phase: 'Migrate',
            ...(file.level === 'hard' ? { effort: 'high' } : {}),
          },
        ),
    ),
  )
  phase('Verify')
  const checks = await pipeline(
    batch.map((file, i) => ({ file, done: done[i] })),
    ({ file, done }) =>
      done === null
        ? null
        : agent(`Run only the tests in ${file.path}. Do they pass, and are all test names still there?`, {
            label: `verify:${file.path}`,
            phase: 'Verify',
            schema: {
              type: 'object',
              properties: {
                passes: { type: 'boolean' },
                missing: { type: 'array', items: { type: 'string' } },
              },
              required: ['passes', 'missing'],
            },
          }),
    (check, { file }) =>
      check.passes && check.missing.length === 0 ? mark(file.path, 'migrated') : mark(file.path, 'needsWork'),
  )
  checks.forEach((c, i) => c === null && mark(batch[i].path, 'lost'))
}

phase('Cleanup')
let removed = false
if (queue.length > 0 && status.migrated?.length === queue.length) {
  removed =
    (await agent(
      'No test uses Enzyme any more: remove enzyme and its adapter from package.json and the test setup.',
      { label: 'cleanup' },
    )) !== null
}
return {
  total: queue.length,
  counts: Object.fromEntries(Object.entries(status).map(([k, v]) => [k, v.length])),
  removed,
}
