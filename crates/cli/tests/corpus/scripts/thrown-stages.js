export const meta = {
  name: 'schema-migration-dry-run',
  description: 'Dry-runs database migrations; stages throw on purpose where a step must not go on',
  phases: [{ title: 'Plan' }, { title: 'Apply' }],
}

const migrations = ['001_users', '002_orders', '003_größe', '004_💥', '005_audit']
const outcomes = await pipeline(
  migrations,
  m => {
    if (m.includes('💥')) throw new RangeError(`${m}: refused by name`)
    return agent(`Write the down-migration of ${m}.`, { label: `down ${m}`, phase: 'Plan' })
  },
  (sql, m, i) => {
    if (i === 4) return null
    return i === 1 ? undefined : { m, sql: sql.length > 0 }
  },
  (x, m, i) => (x === undefined ? { m, handedOn: true, i } : x),
)
const parallelOutcome = await parallel([
  () => 'plain value',
  async () => {
    throw 'a string'
  },
  () => {
    throw null
  },
  () => undefined,
  () =>
    agent('Apply to a copy of production and count the rows that change.', {
      label: 'apply',
      phase: 'Apply',
    }).then(t => (t ? 'applied' : 'not applied')),
])
const losses = failures().map(f => [f.kind, f.phase ?? null, /💥/.test(f.message)])
return { outcomes, parallelOutcome, losses }
